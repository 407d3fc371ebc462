import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { systemClock } from "#base"
import { Client, HttpTransport } from "#client"
import { ConfigMapKind } from "#apis"
import { parseKubeconfig } from "#pki"
import { Program, run } from "./program.ts"

const passphrase = "open sesame"
let home: string
let data: string
let archive: string
let plane: Program

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "mothership-cli-backup-"))
  data = join(home, "data")
  archive = join(home, "backup")
  await writeFile(join(home, "passphrase"), `${passphrase}\n`)
  plane = await startPlane(data)
})

afterAll(async () => {
  await plane.end("SIGKILL")
  await rm(home, { recursive: true })
})

test("without a passphrase nothing is backed up", async () => {
  const { code, stderr } = await run(["backup", archive, "--data-dir", data], { HOME: home })

  expect(code).toBe(1)
  expect(stderr).toContain("--passphrase-file FILE, or set MOTHERSHIP_PASSPHRASE")
})

test("what a running plane has comes back in another directory", async () => {
  const name = { namespace: "default", name: "kept" }
  await withClient(data, (client) =>
    client.create(ConfigMapKind, { metadata: name, data: { a: "b" } }),
  )

  const backup = await run(
    ["backup", archive, "--data-dir", data, "--passphrase-file", join(home, "passphrase")],
    { HOME: home },
  )
  await plane.end("SIGKILL")
  const restored = join(home, "restored")
  const restore = await run(["restore", archive, "--data-dir", restored], {
    HOME: home,
    MOTHERSHIP_PASSPHRASE: passphrase,
  })
  plane = await startPlane(restored)

  expect(backup).toMatchObject({ code: 0, stderr: "" })
  expect(backup.stdout).toContain(`${archive}: `)
  expect((await stat(archive)).mode & 0o777).toBe(0o600)
  expect(restore).toMatchObject({ code: 0, stderr: "" })
  expect(restore.stdout).toContain(`mothership up --data-dir ${restored}`)
  const kept = await withClient(restored, (client) => client.get(ConfigMapKind, name))
  expect(kept.data).toEqual({ a: "b" })
})

test("a wrong passphrase and a directory in use are refused", async () => {
  const target = join(home, "other")
  const variables = { HOME: home, MOTHERSHIP_PASSPHRASE: "wrong" }

  const wrong = await run(["restore", archive, "--data-dir", target], variables)
  const used = await run(["restore", archive, "--data-dir", data], variables)

  expect(wrong).toMatchObject({ code: 1, stdout: "" })
  expect(wrong.stderr).toBe("mothership: open backup: wrong passphrase, or the file is damaged\n")
  expect(used.stderr).toContain(`${data} is not empty`)
})

async function startPlane(directory: string): Promise<Program> {
  const words = ["up", "--data-dir", directory, "--listen", "127.0.0.1:0"]
  const program = new Program(words, { HOME: home })
  await program.prints("mothership is up at")
  return program
}

async function withClient<T>(directory: string, use: (client: Client) => Promise<T>): Promise<T> {
  const kubeconfig = await readFile(join(directory, "admin.kubeconfig"), "utf8")
  const connection = parseKubeconfig(kubeconfig)
  const transport = new HttpTransport({ ...connection, clock: systemClock, userAgent: "test" })
  try {
    return await use(new Client(transport, { fieldManager: "test" }))
  } finally {
    transport.close()
  }
}
