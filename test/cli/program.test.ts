import { createHash } from "node:crypto"
import { once } from "node:events"
import { existsSync } from "node:fs"
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises"
import type { IncomingMessage } from "node:http"
import { Agent, get } from "node:https"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { NamespaceKind, RemoteMachineKind, SecretKind } from "#apis"
import { TestServer } from "#apiserver/testing"
import { systemClock } from "#base"
import { kindOfManifest, parseManifests } from "#cli"
import { Client, HttpTransport } from "#client"
import { parseKubeconfig } from "#pki"
import { Program, run } from "./program.ts"

let home: string

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "mothership-cli-"))
})
afterEach(async () => {
  await rm(home, { recursive: true, force: true })
})

test("version names the program and its Node", async () => {
  const { code, stdout } = await run(["version"])

  expect(stdout).toMatch(/^mothership \d+\.\d+\.\d+\nnode v2[4-9]\./)
  expect(code).toBe(0)
})

test("a command that does not exist is an error", async () => {
  const { code, stderr } = await run(["nonsense"])

  expect(stderr).toContain("unknown command 'nonsense'")
  expect(code).toBe(1)
})

test.each([
  ["status"],
  ["why", "cluster/edge"],
  ["get-kubeconfig", "edge"],
  ["logs", "machine/edge-0"],
  ["retry", "machine/edge-0"],
])("without a plane, %s says how to start one", async (...words) => {
  const { code, stderr } = await run(words, { HOME: home })

  expect(stderr).toContain(`there is no ${home}/.mothership/admin.kubeconfig`)
  expect(stderr).toContain("Start one with: mothership up")
  expect(code).toBe(1)
})

test("a data directory that others may read is refused", async () => {
  await chmod(home, 0o755)

  const { code, stderr } = await run(["up", "--data-dir", home, "--listen", "127.0.0.1:0"])

  expect(stderr).toContain(`${home} is readable by others (mode 755); run: chmod -R go= ${home}`)
  expect(code).toBe(1)
})

test("a key in the data directory that others may read is refused", async () => {
  await mkdir(join(home, "pki"), { mode: 0o700 })
  const key = join(home, "pki", "ca.key")
  await writeFile(key, "secret", { mode: 0o644 })

  const { code, stderr } = await run(["up", "--data-dir", home, "--listen", "127.0.0.1:0"])

  expect(stderr).toContain(`${key} is readable by others (mode 644); run: chmod -R go= ${key}`)
  expect(code).toBe(1)
})

test.each([["demo"], ["up"]])(
  "%s says what keeps the data directory from being made, and what helps",
  async (command) => {
    const file = join(home, "file")
    await writeFile(file, "", { mode: 0o600 })

    const { code, stderr } = await run([command], { HOME: file })

    expect(stderr).toMatch(/^mothership: start plane: make data directory: ENOTDIR.*--data-dir\n$/)
    expect(code).toBe(1)
  },
)

const deadKubeconfig = `apiVersion: v1
kind: Config
current-context: dead
contexts: [{name: dead, context: {cluster: dead, user: dead}}]
clusters: [{name: dead, cluster: {server: "https://127.0.0.1:1"}}]
users: [{name: dead, user: {token: none}}]
`

test("create cluster --up starts a plane that stays, and says what time was not enough for", async () => {
  const elsewhere = join(home, "elsewhere.kubeconfig")
  await writeFile(elsewhere, deadKubeconfig)
  const key = join(home, "key")
  await writeFile(key, "-----BEGIN OPENSSH PRIVATE KEY-----\nnone\n")
  const hosts = ["--control-plane", "127.0.0.1:1", "--ssh-key", key]
  const other = ["--kubernetes-version", "v1.34.4", "--timeout-minutes", "0.05"]
  const plane = ["--up", "--listen", "127.0.0.1:0"]

  const made = await run(["create", "cluster", "edge", ...hosts, ...other, ...plane], {
    HOME: home,
    KUBECONFIG: elsewhere,
  })

  const pid = Number(/a plane runs as process (\d+)/.exec(made.stdout)?.[1])
  try {
    const status = await run(["status", "edge"], { HOME: home })
    expect(made.stderr).toContain("cluster edge is not ready after 0.05 minutes")
    expect(made.stderr).toContain("└─✗ RemoteMachine/edge-control-plane-0")
    expect(made.code).toBe(1)
    expect(status.stdout).toContain("Machine/edge-control-plane-0")
  } finally {
    await endProcess(pid)
  }
}, 120_000)

/** Ends a process that is not our child, and waits until it is gone. */
async function endProcess(pid: number): Promise<void> {
  process.kill(pid, "SIGTERM")
  await expect.poll(() => existsSync(`/proc/${pid}/exe`), { timeout: 20_000 }).toBe(false)
}

describe("with a plane that runs", () => {
  let place: string
  let directory: string
  let plane: Program
  let kubeconfig: string

  beforeAll(async () => {
    place = await mkdtemp(join(tmpdir(), "mothership-cli-plane-"))
    directory = join(place, "data")
    plane = new Program(["up", "--data-dir", directory, "--listen", "127.0.0.1:0"])
    await plane.prints("export KUBECONFIG=")
    kubeconfig = join(directory, "admin.kubeconfig")
  })
  afterAll(async () => {
    const { code, stdout } = await plane.end("SIGTERM")
    await rm(place, { recursive: true, force: true })
    expect(stdout).toContain("mothership has stopped")
    expect(code).toBe(0)
  })

  test("nobody else may read what it keeps", async () => {
    expect((await stat(directory)).mode & 0o777).toBe(0o700)
    for (const entry of await readdir(directory, { withFileTypes: true, recursive: true })) {
      const { mode } = await stat(join(entry.parentPath, entry.name))
      expect([entry.name, mode & 0o077]).toEqual([entry.name, 0])
    }
  })

  test("its metrics tell how late the event loop is", async () => {
    const { server, caPem, ...user } = parseKubeconfig(await readFile(kubeconfig, "utf8"))
    const agent = new Agent({
      ca: caPem,
      cert: user.clientCertificatePem,
      key: user.clientKeyPem,
    })

    const answer = get(`${server}/metrics`, { agent })
    const [response] = (await once(answer, "response")) as [IncomingMessage]
    const metrics = (await response.toArray()).join("")
    agent.destroy()

    expect(metrics).toMatch(/\nnodejs_eventloop_lag_p99_seconds \d/)
  })

  test("a second one on the same data directory is refused", async () => {
    const second = await run(["up", "--data-dir", directory, "--listen", "127.0.0.1:0"])

    expect(second.stderr).toMatch(/store\.db: it is in use by process \d+/)
    expect(second.code).toBe(1)
  })

  test("a second one on the same port is refused", async () => {
    const address = /https:\/\/(\S+)/.exec(plane.stdout)?.[1] ?? ""

    const second = await run(["up", "--data-dir", join(home, "other"), "--listen", address])

    expect(second.stderr).toContain(`listen on ${address}: somebody does already`)
    expect(second.code).toBe(1)
  })

  test("status of no clusters says so, and of one that is not there, too", async () => {
    const all = await run(["status"], { KUBECONFIG: kubeconfig })
    const one = await run(["status", "edge", "--kubeconfig", kubeconfig])

    expect(all).toMatchObject({ code: 0, stdout: "there are no clusters\n" })
    expect(one).toMatchObject({ code: 1 })
    expect(one.stderr).toContain("there is no cluster edge in namespace default")
  })

  test.each([
    ["status", []],
    ["why", ["cluster/edge"]],
    [
      "create",
      ["cluster", "edge", "--control-plane", "127.0.0.1:1", "--kubernetes-version", "v1.34.4"],
    ],
  ])("%s leaves a cluster alone that is no plane", async (command, words) => {
    await using other = await TestServer.start()
    const file = join(home, "other.kubeconfig")
    await writeFile(file, await other.kubeconfig())
    const key = join(home, "key")
    await writeFile(key, "-----BEGIN OPENSSH PRIVATE KEY-----\nnone\n")
    const options = command === "create" ? ["--ssh-key", key] : []

    const { code, stderr } = await run([command, ...words, ...options], { KUBECONFIG: file })

    expect(stderr).toContain(`is no plane: it serves no RemoteMachines. It comes from ${file}`)
    expect(code).toBe(1)
    const client = new Client(other.transport(), { fieldManager: "test" })
    expect((await client.list(SecretKind, { namespace: "default" })).items).toEqual([])
  })

  test("a kubeconfig is asked of a cluster that is there", async () => {
    const { code, stderr } = await run(["get-kubeconfig", "edge", "--kubeconfig", kubeconfig])

    expect(stderr).toBe("mothership: there is no cluster edge in namespace default\n")
    expect(code).toBe(1)
  })

  test("retry is refused where nothing has stopped", async () => {
    const connection = parseKubeconfig(await readFile(kubeconfig, "utf8"))
    const transport = new HttpTransport({ ...connection, clock: systemClock, userAgent: "test" })
    const client = new Client(transport, { fieldManager: "test" })
    const metadata = { namespace: "default", name: "idle" }
    const spec = { address: "127.0.0.1", sshKeyRef: { name: "none" } }
    await client.apply(RemoteMachineKind, { metadata, spec })

    const { code, stderr } = await run(["retry", "remotemachine/idle", "--kubeconfig", kubeconfig])
    const { metadata: after } = await client.get(RemoteMachineKind, metadata)
    await client.delete(RemoteMachineKind, metadata)
    transport.close()

    expect(stderr).toContain("remotemachine/idle has no bootstrap that stopped")
    expect(after.annotations).toBeUndefined()
    expect(code).toBe(1)
  })

  test("status ends with a command that explains, as it can be typed", async () => {
    const text = `{apiVersion: v1, kind: Namespace, metadata: {name: team-a}}
---
apiVersion: cluster.x-k8s.io/v1beta2
kind: MachineDeployment
metadata: {name: lonely, namespace: team-a}
spec:
  clusterName: nowhere
  selector: {}
  template:
    spec:
      clusterName: nowhere
      bootstrap: {dataSecretName: none}
      infrastructureRef: {apiGroup: infrastructure.cluster.x-k8s.io, kind: DevMachineTemplate, name: none}
`
    const connection = parseKubeconfig(await readFile(kubeconfig, "utf8"))
    const transport = new HttpTransport({ ...connection, clock: systemClock, userAgent: "test" })
    const client = new Client(transport, { fieldManager: "test" })
    for (const object of parseManifests(text, "text")) {
      await client.apply(kindOfManifest(object), object)
    }

    const { stdout } = await run(["status"], { KUBECONFIG: kubeconfig })
    const words = /mothership (why .*)\n/.exec(stdout)?.[1]?.split(" ") ?? []
    const why = await run(words, { KUBECONFIG: kubeconfig })
    await client.delete(NamespaceKind, { name: "team-a" })
    transport.close()

    expect(stdout).toMatch(/MachineDeployment\/lonely \(namespace team-a\) +✗ .*does not exist/)
    expect(words).toEqual(["why", "machinedeployment/lonely", "-n", "team-a"])
    expect(why.stdout).toContain("to do:     create Cluster/nowhere")
  })

  test("create cluster gives up on what only a person can mend, and says what", async () => {
    const key = join(home, "key")
    await writeFile(key, "-----BEGIN OPENSSH PRIVATE KEY-----\nnone\n")
    const hosts = ["--control-plane", "127.0.0.1:1", "--ssh-key", key]
    const other = ["--kubernetes-version", "v1.34.4", "--kubeconfig", kubeconfig]

    const { code, stdout, stderr } = await run(["create", "cluster", "edge", ...hosts, ...other])

    expect(stdout).toContain(`value: <the contents of ${key}>`)
    expect(stdout).not.toContain("BEGIN OPENSSH")
    expect(stderr).toContain("cluster edge cannot be made")
    expect(stderr).toContain("└─✗ RemoteMachine/edge-control-plane-0")
    expect(stderr).toMatch(/waits for: ArtifactsMissing\n/)
    expect(stderr).toMatch(/turn: +you\n/)
    expect(code).toBe(1)
  }, 120_000)

  test("artifact sets are added, listed and found damaged", async () => {
    const content = "#!/bin/sh\n"
    const set = join(home, "set")
    await mkdir(set)
    await writeFile(join(set, "tool"), content)
    const file = {
      path: "tool",
      sha256: createHash("sha256").update(content).digest("hex"),
      size: content.length,
      kind: "binary",
      target: "/usr/local/bin/tool",
      mode: "0755",
    }
    const facts = { name: "v1", kubernetesVersion: "v1.34.4", architecture: "amd64" }
    await writeFile(join(set, "manifest.json"), JSON.stringify({ ...facts, files: [file] }))
    const artifacts = (...words: readonly string[]) =>
      run(["artifacts", ...words, "--data-dir", directory])

    const added = await artifacts("add", set)
    const listed = await artifacts("list")
    const sound = await artifacts("verify", "v1")
    await writeFile(join(directory, "artifacts", "v1", "tool"), "#!/bin/no\n")
    const damaged = await artifacts("verify")
    await rm(join(directory, "artifacts", "v1", "manifest.json"))
    const relisted = await artifacts("list")
    const beheaded = await artifacts("verify")

    const line = "v1  Kubernetes v1.34.4  amd64  1 files, 1 MB\n"
    expect(added).toMatchObject({ code: 0, stdout: `added ${line}` })
    expect(listed.stdout).toBe(line)
    expect(sound.stdout).toBe("v1 is sound\n")
    expect(damaged.code).toBe(1)
    expect(damaged.stderr).toMatch(/v1\/tool has SHA-256 [0-9a-f]{64} instead of/)
    const problem = "find artifact set v1: there is no manifest.json"
    expect(relisted.stdout).toBe(`v1  damaged: ${problem}; add it again\n`)
    expect(beheaded).toMatchObject({ code: 1, stderr: expect.stringContaining(problem) as string })
  })

  test("what create cluster would apply is valid, to the last field", async () => {
    const key = join(home, "key")
    await writeFile(key, "-----BEGIN OPENSSH PRIVATE KEY-----\nnone\n")
    const hosts = ["--control-plane", "root@192.0.2.11", "--workers", "a@192.0.2.12,192.0.2.13"]
    const other = ["--ssh-key", key, "--kubernetes-version", "v1.34.4", "--dry-run", "-o", "yaml"]
    const { code, stdout } = await run(["create", "cluster", "dry", ...hosts, ...other])
    const objects = parseManifests(stdout, "dry run")
    const transport = new HttpTransport({
      ...parseKubeconfig(await readFile(kubeconfig, "utf8")),
      clock: systemClock,
      userAgent: "test",
    })
    const client = new Client(transport, { fieldManager: "test" })

    for (const object of objects) {
      const options = { dryRun: true, fieldValidation: "Strict" } as const
      await client.create(kindOfManifest(object), object, options)
    }

    transport.close()
    expect(code).toBe(0)
    expect(stdout).toContain("artifacts: kubernetes-v1.34.4\n")
    const prepared = [...hosts, ...other, "--artifacts", "none"]
    expect((await run(["create", "cluster", "dry", ...prepared])).stdout).not.toContain("artifacts")
    expect(objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`)).toEqual([
      "Secret/dry-ssh-key",
      "Cluster/dry",
      "RemoteCluster/dry",
      "Machine/dry-control-plane-0",
      "KubeadmConfig/dry-control-plane-0",
      "RemoteMachine/dry-control-plane-0",
      "PooledRemoteMachine/dry-worker-0",
      "PooledRemoteMachine/dry-worker-1",
      "KubeadmConfigTemplate/dry-workers",
      "RemoteMachineTemplate/dry-workers",
      "MachineDeployment/dry-workers",
    ])
    expect((await run(["create", "cluster", "on", ...prepared])).stdout).toContain('  name: "on"')
    const pooled = objects.filter(({ kind }) => kind === "PooledRemoteMachine")
    expect(pooled.map(({ spec }) => spec)).toMatchObject([
      { machine: { address: "192.0.2.12", user: "a", useSudo: true } },
      { machine: { address: "192.0.2.13", user: "root" } },
    ])
  })
})
