import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { silentLogger, systemClock } from "#base"
import { openSqliteStore, type Store } from "#store"
import { readEpoch } from "../epoch.ts"
import { BackupError } from "./backup-error.ts"
import { restoreBackup } from "./restore-backup.ts"
import { writeBackup } from "./write-backup.ts"

const passphrase = "correct horse battery staple"
const files: Readonly<Record<string, string>> = {
  "pki/ca.key": "the authority's key",
  "simulated/default_demo.json": "[]",
  "artifacts/v1/image.tar": "x".repeat(200_000),
  "artifacts/v1/empty": "",
}

let root: string
let data: string
let archive: string
let store: Store

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "mothership-backup-"))
  data = join(root, "data")
  archive = join(root, "backup")
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(data, path)), { recursive: true, mode: 0o700 })
    await writeFile(join(data, path), content, { mode: 0o600 })
  }
  await writeFile(join(data, "admin.kubeconfig"), "made at every start")
  store = await openStore(data)
  for (let index = 0; index < 1500; index += 1) {
    void store.put(`/pods/${index}`, Buffer.from(`pod ${index} `.repeat(20)), 0)
  }
  await store.put("/last", Buffer.from("last"), 0)
})

afterEach(async () => {
  await store.close()
  await rm(root, { recursive: true })
})

test("a data directory comes back from the backup of a store in use", async () => {
  const before = await store.list("")
  const nowMs = Date.UTC(2030, 0, 1)

  const written = await writeBackup({ dataDirectory: data, file: archive, passphrase, nowMs })
  await store.put("/after", Buffer.from("not in the backup"), 0)
  const target = join(root, "restored")
  const restored = await restoreBackup({ file: archive, dataDirectory: target, passphrase })

  const info = await stat(archive)
  expect(written).toEqual({
    revision: before.revision,
    objects: 1501,
    files: 4,
    sizeBytes: info.size,
  })
  expect(info.mode & 0o777).toBe(0o600)
  const revision = before.revision + 1_000_000
  expect(restored).toEqual({ ...written, createdAtMs: nowMs, revision })
  for (const [path, content] of Object.entries(files)) {
    expect(await readFile(join(target, path), "utf8")).toBe(content)
    expect((await stat(join(target, path))).mode & 0o777).toBe(0o600)
  }
  expect((await stat(target)).mode & 0o777).toBe(0o700)
  const names = (await readdir(target)).sort()
  expect(names).toEqual(["artifacts", "epoch", "pki", "simulated", "store.db"])
  expect(await readEpoch(data)).toBe(1)
  expect(await readEpoch(target)).toBe(2)
  const again = await openStore(target)
  expect((await again.list("")).entries).toEqual(before.entries)
  expect(await again.put("/new", Buffer.from(""), 0)).toBe(revision + 1)
  await again.close()
})

test("nothing that is secret can be read in the archive", async () => {
  await writeBackup({ dataDirectory: data, file: archive, passphrase, nowMs: 0 })

  const bytes = await readFile(archive)

  for (const text of ["authority's key", "ca.key", "/pods/", passphrase]) {
    expect(bytes.includes(text)).toBe(false)
  }
})

test("two backups of the same data share no bytes but their format", async () => {
  const second = join(root, "second")
  await writeBackup({ dataDirectory: data, file: archive, passphrase, nowMs: 0 })
  await writeBackup({ dataDirectory: data, file: second, passphrase, nowMs: 0 })

  const [one, two] = await Promise.all([readFile(archive), readFile(second)])

  expect(one.subarray(-32).equals(two.subarray(-32))).toBe(false)
})

describe("a restore leaves nothing behind and says why", () => {
  let bytes: Buffer

  beforeEach(async () => {
    await writeBackup({ dataDirectory: data, file: archive, passphrase, nowMs: 0 })
    bytes = await readFile(archive)
  })

  test("with a wrong passphrase", async () => {
    expect(await failure({ passphrase: "incorrect" })).toMatch(/wrong passphrase/)
  })

  test.each([
    ["its last byte", -1],
    ["its last chunk's tag", -16],
    ["everything after its first chunk", 65_000],
    ["everything after its header", 130],
  ])("without %s", async (_, end) => {
    await writeFile(archive, bytes.subarray(0, end))

    expect(await failure({})).toMatch(/damaged|end is missing/)
  })

  test("when it ends with a whole chunk that is not the last", async () => {
    const headerBytes = bytes.indexOf("\n", bytes.indexOf("\n") + 1) + 1
    await writeFile(archive, bytes.subarray(0, headerBytes + 2 * (64 * 1024 + 16)))

    expect(await failure({})).toMatch(/end is missing/)
  })

  test("when two chunks changed places", async () => {
    const start = bytes.indexOf("\n", bytes.indexOf("\n") + 1) + 1
    const size = 64 * 1024 + 16
    const swapped = Buffer.concat([
      bytes.subarray(0, start + size),
      bytes.subarray(start + 2 * size, start + 3 * size),
      bytes.subarray(start + size, start + 2 * size),
      bytes.subarray(start + 3 * size),
    ])
    await writeFile(archive, swapped)

    expect(await failure({})).toMatch(/damaged \(chunk 1\)/)
  })

  test.each([20, 60, 130, 70_000, -1])("with byte %i changed", async (at) => {
    const index = at < 0 ? bytes.length + at : at
    bytes.writeUInt8(bytes.readUInt8(index) ^ 1, index)
    await writeFile(archive, bytes)

    expect(await failure({})).toMatch(/damaged|no backup/)
  })

  test("with bytes added to its end", async () => {
    await writeFile(archive, Buffer.concat([bytes, Buffer.from("more")]))

    expect(await failure({})).toMatch(/damaged/)
  })

  test("when the file is none of ours, or absent", async () => {
    await writeFile(archive, "PK")
    expect(await failure({})).toMatch(/no backup of mothership/)
    await rm(archive)
    expect(await failure({})).toMatch(/cannot read/)
  })

  async function failure(changes: { readonly passphrase?: string }): Promise<string> {
    const dataDirectory = join(root, "restored")
    const before = await readdir(root)
    const options = { file: archive, dataDirectory, passphrase, ...changes }
    const error = await restoreBackup(options).then(
      () => undefined,
      (reason: unknown) => reason,
    )
    expect(error).toBeInstanceOf(BackupError)
    expect(await readdir(root)).toEqual(before)
    return (error as BackupError).message
  }
})

test("a directory with something in it is not restored onto", async () => {
  await writeBackup({ dataDirectory: data, file: archive, passphrase, nowMs: 0 })
  const dataDirectory = join(root, "restored")
  await mkdir(dataDirectory)
  await writeFile(join(dataDirectory, "mine"), "x")

  const restored = restoreBackup({ file: archive, dataDirectory, passphrase })

  await expect(restored).rejects.toThrow(/is not empty/)
  expect(await readdir(dataDirectory)).toEqual(["mine"])
})

test("an empty directory is restored onto", async () => {
  await writeBackup({ dataDirectory: data, file: archive, passphrase, nowMs: 0 })
  const dataDirectory = join(root, "restored")
  await mkdir(dataDirectory)

  await restoreBackup({ file: archive, dataDirectory, passphrase })

  expect(await readdir(dataDirectory)).toContain("store.db")
})

test("a backup overwrites nothing and needs a plane's directory and a passphrase", async () => {
  await writeFile(archive, "something else")
  const options = { dataDirectory: data, file: archive, passphrase, nowMs: 0 }

  await expect(writeBackup(options)).rejects.toThrow(/exists already/)
  await expect(writeBackup({ ...options, dataDirectory: root })).rejects.toThrow(
    /no data directory/,
  )
  await expect(writeBackup({ ...options, passphrase: "" })).rejects.toThrow(/passphrase is empty/)
  expect(await readFile(archive, "utf8")).toBe("something else")
  expect((await readdir(root)).sort()).toEqual(["backup", "data"])
})

function openStore(directory: string): Promise<Store> {
  const file = join(directory, "store.db")
  return openSqliteStore({ file, clock: systemClock, log: silentLogger })
}
