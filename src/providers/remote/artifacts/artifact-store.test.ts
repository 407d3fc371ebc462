import { execFile } from "node:child_process"
import { createHash } from "node:crypto"
import { mkdir, mkdtemp, readdir, rm, symlink, truncate, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { promisify } from "node:util"
import { afterAll, beforeAll, describe, expect, test } from "vitest"

import { ArtifactStore } from "./artifact-store.ts"
import type { ArtifactFile } from "./manifest.ts"

const run = promisify(execFile)
let root = ""

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "mothership-artifacts-"))
})
afterAll(() => rm(root, { recursive: true, force: true }))

let count = 0

/** A directory with a set of these files, and where a store for it may lie. */
async function makeSet(
  files: Readonly<Record<string, string>>,
  change: (file: ArtifactFile) => object = (file) => file,
): Promise<{ readonly directory: string; readonly store: ArtifactStore; readonly kept: string }> {
  count += 1
  const directory = join(root, `set-${count}`)
  const kept = join(root, `store-${count}`)
  const entries: object[] = []
  await mkdir(directory, { recursive: true })
  for (const [path, content] of Object.entries(files)) {
    const target = join(directory, path)
    await mkdir(dirname(target), { recursive: true })
    await writeFile(target, content)
    const sha256 = createHash("sha256").update(content).digest("hex")
    const size = Buffer.byteLength(content)
    const place = { target: `/opt/${path}`, mode: "0755", kind: "binary" } as const
    entries.push(change({ path, sha256, size, ...place }))
  }
  const manifest = { name: "v1", kubernetesVersion: "v1.34.4", architecture: "amd64" }
  await writeFile(join(directory, "manifest.json"), JSON.stringify({ ...manifest, files: entries }))
  return { directory, store: new ArtifactStore(kept), kept }
}

async function read(stream: AsyncIterable<Uint8Array>): Promise<string> {
  return Buffer.concat(await Array.fromAsync(stream)).toString("utf8")
}

describe("an artifact store", () => {
  test("takes a directory, lists it, and hands its files out with their digests", async () => {
    const { directory, store } = await makeSet({ "bin/tool": "tool", "units/a": "unit" })
    expect(await store.names()).toEqual([])
    const manifest = await store.add(directory)
    expect(manifest).toMatchObject({ version: 1, name: "v1", kubernetesVersion: "v1.34.4" })
    expect(await store.names()).toEqual(["v1"])
    expect(await store.verify("v1")).toEqual([])
    const file = await store.openFile("v1", "bin/tool")
    expect(file).toMatchObject({ sizeBytes: 4, sha256: manifest.files[0]?.sha256 })
    expect(await read(file.stream)).toBe("tool")
  })

  test.each(["-cf", "-czf"])("takes a tar made with tar %s", async (flags) => {
    const long = `${"long/".repeat(30)}file`
    const { directory, store } = await makeSet({ "bin/tool": "tool", [long]: "far down" })
    const archive = join(root, `set${flags}.tar`)
    await run("tar", [flags, archive, "-C", dirname(directory), directory.split("/").at(-1) ?? ""])
    await store.add(archive)
    expect(await read((await store.openFile("v1", long)).stream)).toBe("far down")
  })

  test("replaces a set of the same name", async () => {
    const { directory, store } = await makeSet({ a: "one" })
    await store.add(directory)
    const next = await makeSet({ b: "two" })
    await store.add(next.directory)
    expect((await store.find("v1"))?.files.map(({ path }) => path)).toEqual(["b"])
  })

  test("finds files that were damaged, cut short or lost", async () => {
    const { directory, store, kept } = await makeSet({ a: "aaaa", b: "bbbb", c: "cccc", d: "d" })
    await store.add(directory)
    await writeFile(join(kept, "v1/a"), "aaab")
    await truncate(join(kept, "v1/b"), 2)
    await rm(join(kept, "v1/c"))
    expect((await store.verify("v1")).map(({ path, problem }) => `${path} ${problem}`)).toEqual([
      expect.stringMatching(/^a has SHA-256 .* instead of/),
      "b has 2 bytes instead of 4",
      "c is missing",
    ])
    await expect(store.openFile("v1", "b")).rejects.toThrow("has 2 bytes instead of 4")
    await expect(store.openFile("v1", "c")).rejects.toThrow("is gone")
  })

  test("names a set whose manifest was damaged or lost", async () => {
    const { directory, store, kept } = await makeSet({ a: "aaaa" })
    await store.add(directory)
    await truncate(join(kept, "v1/manifest.json"), 5)
    expect(await store.names()).toEqual(["v1"])
    await expect(store.find("v1")).rejects.toThrow("find artifact set v1: read manifest.json")
    await rm(join(kept, "v1/manifest.json"))
    await expect(store.verify("v1")).rejects.toThrow("set v1: there is no manifest.json")
    await store.add(directory)
    expect(await store.verify("v1")).toEqual([])
  })
})

describe("an artifact set", () => {
  test.each([
    ["whose path leads out of it", { path: "../x" }, "leads out of the set"],
    ["with an absolute path", { path: "/etc/passwd" }, "leads out of the set"],
    ["with a target that climbs", { target: "/opt/../etc/x" }, "is not an absolute path"],
    ["with a wrong digest", { sha256: "0".repeat(64) }, "has SHA-256"],
    ["with a wrong size", { size: 3 }, "has 4 bytes instead of 3"],
    ["of an unknown kind", { kind: "program" }, "is not known"],
  ])("%s is not taken", async (_title, wrong, message) => {
    const { directory, store, kept } = await makeSet({ a: "aaaa" }, (file) => ({
      ...file,
      ...wrong,
    }))
    await expect(store.add(directory)).rejects.toThrow(message)
    expect(await readdir(kept)).toEqual([])
  })

  test("with a link in the place of a file is not taken", async () => {
    const { directory, store } = await makeSet({ a: "aaaa" })
    await writeFile(join(root, "elsewhere"), "aaaa")
    await rm(join(directory, "a"))
    await symlink(join(root, "elsewhere"), join(directory, "a"))
    await expect(store.add(directory)).rejects.toThrow("is not a file")
  })

  test("of a later format is not taken", async () => {
    const { directory, store } = await makeSet({})
    await writeFile(join(directory, "manifest.json"), `{"version":2,"name":"v1"}`)
    await expect(store.add(directory)).rejects.toThrow("version 2 is not known")
  })

  test("in a tar that leads out of itself or is cut short is not taken", async () => {
    const { directory, store } = await makeSet({ a: "x".repeat(4096) })
    const archive = join(root, "bad.tar")
    await run("tar", [
      "-cf",
      archive,
      "-P",
      "-C",
      directory,
      "manifest.json",
      `../${directory.split("/").at(-1)}/a`,
    ])
    await expect(store.add(archive)).rejects.toThrow("leads out of it")
    await run("tar", ["-cf", archive, "-C", directory, "manifest.json", "a"])
    await truncate(archive, 3_000)
    await expect(store.add(archive)).rejects.toThrow("cut short")
  })

  test("cannot be asked for by a path", async () => {
    const { store } = await makeSet({})
    expect(await store.find("../store-1/v1")).toBeUndefined()
    await expect(store.openFile("..", "manifest.json")).rejects.toThrow("there is no")
  })
})
