import { buildArtifactSet } from "./artifact-set.ts"
import { buildPrograms } from "./go-build.ts"
import { goModules } from "./go-modules.ts"
import { buildPreparedImage } from "./prepared-image.ts"
import { buildPlainImage } from "./rootfs.ts"

/**
 * Builds what the cache lacks; a second run does nothing. With program names only those are built,
 * which needs no root.
 */
export async function buildLab(
  programs: readonly string[],
  report: (line: string) => void,
): Promise<void> {
  const known = new Set(goModules.flatMap((module) => Object.keys(module.programs)))
  for (const name of programs) {
    if (!known.has(name))
      throw new Error(`build ${name}: no such program; there are ${[...known].join(", ")}`)
  }
  if (programs.length > 0) {
    await buildPrograms(report, programs)
    return
  }
  // debootstrap waits for a mirror while the compiler works.
  const plain = buildPlainImage(report)
  plain.catch(() => {})
  await buildPrograms(report)
  await buildArtifactSet(report)
  await plain
  await buildPreparedImage(report)
  report("everything is built")
}
