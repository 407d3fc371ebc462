import { existsSync } from "node:fs"
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { afterEach, beforeEach, expect, test } from "vitest"
import { ensureBundle } from "./bundle.ts"

let root: string

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "mothership-bundle-"))
  await mkdir(join(root, "src/store"), { recursive: true })
  await mkdir(join(root, "tools/bundle"), { recursive: true })
  await writeFile(join(root, "package-lock.json"), "{}")
  await writeFile(join(root, "src/store/sqlite.worker.ts"), "export {}\n")
  await writeSource(1)
})
afterEach(async () => {
  await rm(root, { recursive: true, force: true })
})

async function writeSource(answer: number): Promise<void> {
  const source = `export const answer: number = ${answer}\n//${"-".repeat(answer)}\n`
  await writeFile(join(root, "src/main.ts"), source)
}

async function answerOf(program: string): Promise<unknown> {
  const loaded = (await import(pathToFileURL(program).href)) as { readonly answer: unknown }
  return loaded.answer
}

test("the same sources are bundled once", async () => {
  const first = await ensureBundle(root)
  await writeFile(first, "export const answer = 42\n")

  expect(await ensureBundle(root)).toBe(first)
  expect(await answerOf(first)).toBe(42)
})

test("a change of the sources makes another bundle, with the store's worker beside it", async () => {
  const first = await ensureBundle(root)
  await writeSource(2)

  const second = await ensureBundle(root)

  expect(second).not.toBe(first)
  expect([await answerOf(first), await answerOf(second)]).toEqual([1, 2])
  expect(existsSync(join(second, "../sqlite.worker.js"))).toBe(true)
})

test("tests are no sources of the bundle", async () => {
  const first = await ensureBundle(root)
  await writeFile(join(root, "src/main.test.ts"), "export {}\n")

  expect(await ensureBundle(root)).toBe(first)
})

test("old bundles go, so that they do not pile up", async () => {
  for (let answer = 1; answer <= 5; answer += 1) {
    await writeSource(answer)
    await ensureBundle(root)
  }

  expect(await readdir(join(root, "dist"))).toHaveLength(3)
})
