import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { MachineDeploymentKind } from "#apis"
import { systemClock } from "#base"
import { Client, HttpTransport } from "#client"
import { parseKubeconfig } from "#pki"
import { Program, run } from "./program.ts"

let directory: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "mothership-demo-"))
})
afterAll(async () => {
  await rm(directory, { recursive: true, force: true })
})

const words = () => ["demo", "--data-dir", directory, "--listen", "127.0.0.1:0"]

/** The objects that were shown as ready, by their titles. */
function readyObjects(stdout: string): readonly string[] {
  return [...stdout.matchAll(/✓ (\S+)/g)].map(([, title = ""]) => title).sort()
}

/** Answers how many are wanted, after changing it if a number is given. */
async function scaleWorkers(file: string, replicas?: number): Promise<number | undefined> {
  const connection = parseKubeconfig(await readFile(file, "utf8"))
  const transport = new HttpTransport({ ...connection, clock: systemClock, userAgent: "test" })
  const client = new Client(transport, { fieldManager: "test" })
  const target = { namespace: "default", name: "quickstart-workers" }
  const body = { spec: replicas === undefined ? {} : { replicas } }
  const { spec } = await client.patch(MachineDeploymentKind, target, { type: "merge", body })
  transport.close()
  return spec.replicas
}

test("the demo gets everything ready, ends on Ctrl-C, and finds everything as it was", async () => {
  const first = new Program(words())
  await first.prints("Press Ctrl-C to stop.")
  const machine = /✓ (Machine\/quickstart-workers-\S+)/.exec(first.stdout)?.[1] ?? ""
  const kubeconfig = join(directory, "admin.kubeconfig")

  const status = await run(["status", "quickstart", "--kubeconfig", kubeconfig])
  const why = await run(["why", machine, "--kubeconfig", kubeconfig])
  const workload = await run(["get-kubeconfig", "quickstart", "--kubeconfig", kubeconfig])
  const logs = await run(["logs", machine, "--kubeconfig", kubeconfig])

  expect(status.stdout).toMatch(/^Cluster\/quickstart +✓ .* Available\n/)
  expect(status.stdout.match(/├─Machine|└─Machine\//g)?.length).toBeGreaterThanOrEqual(4)
  expect(why.stdout).toBe(`✓ ${machine}\nready: it waits for nothing\n`)
  expect(workload.stdout).toContain("kind: Config")
  expect((await stat(join(directory, "quickstart.kubeconfig"))).mode & 0o777).toBe(0o600)
  expect(logs.stderr).toContain("only machines that are reached over SSH have a journal")

  const key = join(directory, "key")
  await writeFile(key, "-----BEGIN OPENSSH PRIVATE KEY-----\nnone\n", { mode: 0o600 })
  const hosts = ["--control-plane", "127.0.0.1:1", "--ssh-key", key, "--kubeconfig", kubeconfig]
  const create = ["create", "cluster", "quickstart", "--kubernetes-version", "v1.34.4"]
  const other = await run([...create, ...hosts])
  expect(other.stderr).toMatch(/already, and these would change: .*Cluster\/quickstart,/)
  expect(other).toMatchObject({ code: 1, stdout: "" })

  await scaleWorkers(kubeconfig, 2)
  expect((await first.end("SIGINT")).code).toBe(0)
  expect(first.stdout).toContain("mothership has stopped")

  const second = new Program(words())
  await second.prints("Press Ctrl-C to stop.")
  const [before, after] = [readyObjects(first.stdout), readyObjects(second.stdout)]
  expect(before).toEqual(expect.arrayContaining([...after]))
  expect(await scaleWorkers(kubeconfig)).toBe(2)
  expect((await second.end("SIGINT")).code).toBe(0)
}, 120_000)
