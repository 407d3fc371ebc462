import { createHash } from "node:crypto"
import { existsSync } from "node:fs"
import { mkdir, readdir, rename, rm, stat } from "node:fs/promises"
import { basename, join } from "node:path"
import type { build } from "esbuild"

/** Which files of a checkout the bundle is made from. */
const inputs = ["src", "tools/bundle", "package-lock.json"]

/** So many bundles are kept: a process that runs may still load parts of an older one. */
const keptBundles = 3

/** CommonJS libraries ask for names that ES modules do not have. */
const banner = `import { createRequire as createRequireOf } from "node:module"
const require = createRequireOf(import.meta.url)
const __filename = import.meta.filename
const __dirname = import.meta.dirname`

/**
 * Builds the program unless it was built from the same sources before. Answers the file to import:
 * the bundle, or the sources where esbuild is not installed.
 */
export async function ensureBundle(root: string): Promise<string> {
  const signature = await signatureOf(root)
  const directory = join(root, "dist", signature)
  const program = join(directory, "main.js")
  if (existsSync(program)) return program
  const esbuild = await loadEsbuild()
  if (!esbuild) return join(root, "src", "main.ts")
  const draft = `${directory}.${process.pid}`
  await mkdir(draft, { recursive: true })
  try {
    await bundle(esbuild, root, draft)
    await rename(draft, directory).catch((error: unknown) => {
      if (!existsSync(program)) throw error
    })
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
  await removeOldBundles(join(root, "dist"))
  return program
}

type Build = typeof build

async function loadEsbuild(): Promise<Build | undefined> {
  try {
    return (await import("esbuild")).build
  } catch {
    return undefined
  }
}

async function bundle(esbuild: Build, root: string, outdir: string): Promise<void> {
  await esbuild({
    absWorkingDir: root,
    entryPoints: { main: join(root, "src/main.ts"), ...(await workersOf(root)) },
    outdir,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node24",
    legalComments: "none",
    banner: { js: banner },
    external: ["*.node", "cpu-features"],
    logLevel: "silent",
  })
}

/** Threads are files of their own, beside the bundle: `NAME.worker.js`. */
async function workersOf(root: string): Promise<Readonly<Record<string, string>>> {
  const files = await filesBelow(join(root, "src"))
  const workers = files.filter((file) => file.endsWith(".worker.ts"))
  return Object.fromEntries(workers.map((file) => [basename(file, ".ts"), file]))
}

/**
 * Changes whenever a file that goes into the bundle does: from names, sizes and times, not
 * contents.
 */
async function signatureOf(root: string): Promise<string> {
  const hash = createHash("sha256")
  for (const input of inputs) {
    for (const file of await filesBelow(join(root, input))) {
      const { size, mtimeMs } = await stat(file)
      hash.update(`${file}\0${size}\0${mtimeMs}\n`)
    }
  }
  return hash.digest("hex").slice(0, 16)
}

async function filesBelow(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path]
  const entries = await readdir(path, { withFileTypes: true, recursive: true })
  return entries
    .filter((entry) => entry.isFile() && !entry.name.endsWith(".test.ts"))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

async function removeOldBundles(dist: string): Promise<void> {
  const bundles: { readonly path: string; readonly builtAt: number }[] = []
  for (const entry of await readdir(dist, { withFileTypes: true })) {
    const path = join(dist, entry.name)
    if (!/^[0-9a-f]{16}$/.test(entry.name)) continue
    bundles.push({ path, builtAt: (await stat(path)).mtimeMs })
  }
  bundles.sort((left, right) => right.builtAt - left.builtAt)
  const old = bundles.slice(keptBundles).map(({ path }) => path)
  // What is compiled is not sorted by bundle: the next start compiles anew.
  if (old.length > 0) old.push(join(dist, "compile-cache"))
  for (const path of old) await rm(path, { recursive: true, force: true })
}
