import { existsSync } from "node:fs"
import { mkdir, rename, rm } from "node:fs/promises"
import { join } from "node:path"
import { runCommand } from "./command.ts"
import { goBuildFlags, goModules, goModulesDirectory } from "./go-modules.ts"
import type { GoModule } from "./go-modules.ts"
import { goModuleOutput, labBinary } from "./paths.ts"

/**
 * Compiles what the cache does not hold yet, each program published by a rename as soon as it is
 * there. `only` names programs; without it, all of them. Returns the programs that were built.
 */
export async function buildPrograms(
  report: (line: string) => void,
  only?: readonly string[],
): Promise<string[]> {
  const built: string[] = []
  for (const module of goModules) {
    for (const [program, path] of Object.entries(module.programs)) {
      if (only !== undefined && !only.includes(program)) continue
      if (labBinary(program) !== undefined) continue
      const startedAt = performance.now()
      await buildProgram(module, program, path)
      report(`built ${program} in ${((performance.now() - startedAt) / 1000).toFixed(0)} s`)
      built.push(program)
    }
  }
  return built
}

async function buildProgram(module: GoModule, program: string, path: string): Promise<void> {
  const output = goModuleOutput(module)
  await mkdir(output, { recursive: true })
  const target = join(output, program)
  const partial = `${target}.${process.pid}.partial`
  try {
    await runCommand(
      ["nice", "-n", "5", "go", "build", ...goBuildFlags(module), "-o", partial, path],
      {
        cwd: join(goModulesDirectory, module.name),
        // Programs do not depend on the state of this checkout, nor on the user's own flags.
        env: { CGO_ENABLED: module.cgo === true ? "1" : "0", GOFLAGS: "-buildvcs=false" },
      },
    )
    if (!existsSync(target)) await rename(partial, target)
  } finally {
    await rm(partial, { force: true })
  }
}
