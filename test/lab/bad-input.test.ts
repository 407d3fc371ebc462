import { createHash } from "node:crypto"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { beforeAll, describe, expect, test } from "vitest"
import { keySecret, runProgram } from "./kubectl.ts"
import { kubernetesVersion, missingLab, Scene } from "./scene.ts"

const missing = missingLab()
const minutes = 60_000
const secretPhase = "addon/word-nobody-may-see"

describe.skipIf(missing)(`bad input${missing ? ` (${missing})` : ""}`, () => {
  const scene = new Scene()
  const { kubectl, lab } = scene

  /** Data that would make the host a node at once, if anything of it ever ran. */
  const bootstrap = { dataSecretName: "data" }
  const cloudConfig = "#cloud-config\nruncmd: [touch /ran]\n"

  beforeAll(async () => {
    await Promise.all([
      scene.machines(["m1", "m2", "m3"]),
      scene.machines(["p1", "p2", "p3", "p4"], "plain"),
      scene.start(),
    ])
    await kubectl.apply(keySecret("data", cloudConfig))
    await kubectl.apply(scene.singleYaml("steady", "m1"))
    await kubectl.condition("cluster/steady", "ControlPlaneInitialized", "True")
  }, 6 * minutes)

  /** The host was not entered, or nothing was done there. */
  async function expectUntouched(machine: string): Promise<void> {
    expect((await lab.tryRun(machine, "ls /ran /var/lib/mothership 2>/dev/null")).stdout).toBe("")
  }

  /** Condition, `why` line and kubectl agree on what is wrong; answers with the message. */
  async function expectProblem(name: string, reason: string): Promise<string> {
    await kubectl.condition(`remotemachine/${name}`, "Ready", "False", reason)
    await kubectl.condition(`machine/${name}`, "InfrastructureReady", "False")
    const { status } = await kubectl.get("remotemachine", name)
    const conditions = status.conditions as readonly { type: string; message: string }[]
    const why = await scene.mothership("why", `machine/${name}`)
    expect(why.code).toBe(0)
    expect(why.stdout).toContain(reason)
    return conditions.find(({ type }) => type === "Ready")?.message ?? ""
  }

  async function newKey(): Promise<string> {
    const directory = mkdtempSync(join(tmpdir(), "mothership-key-"))
    try {
      const file = join(directory, "key")
      await runProgram(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file])
      return readFileSync(file, "utf8")
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
  }

  test(
    "a key that the host does not accept is named",
    async () => {
      scene.explainFailure()
      await kubectl.apply(keySecret("wrong-key", await newKey()))
      const host = { sshKeyRef: { name: "wrong-key" } }
      await kubectl.apply(scene.workerYaml("wrong", "steady", "p1", { host, bootstrap }))

      expect(await expectProblem("wrong", "AuthenticationFailed")).toContain("root")
      await expectUntouched("p1")
    },
    4 * minutes,
  )

  test(
    "a host that shows another key than it should is not entered",
    async () => {
      scene.explainFailure()
      const [, key = ""] = lab.hostKey("p2").split(" ")
      const digest = createHash("sha256").update(Buffer.from(key, "base64")).digest("base64")
      await lab.changeHostKey("p2")
      const host = { hostKey: `SHA256:${digest.replace(/=+$/, "")}` }
      await kubectl.apply(scene.workerYaml("changed", "steady", "p2", { host, bootstrap }))

      expect(await expectProblem("changed", "HostKeyChanged")).toContain("SHA256:")
      await expectUntouched("p2")
    },
    4 * minutes,
  )

  test(
    "a user who may not become root is named",
    async () => {
      scene.explainFailure()
      const host = { user: "nosudo", useSudo: true }
      await kubectl.apply(scene.workerYaml("nosudo", "steady", "p3", { host, bootstrap }))

      expect(await expectProblem("nosudo", "SudoRequired")).toContain("nosudo")
      await expectUntouched("p3")
    },
    4 * minutes,
  )

  test(
    "a Secret that is not there is named, and waited for",
    async () => {
      scene.explainFailure()
      const host = { address: "127.0.0.1", sshKeyRef: { name: "nowhere" } }
      await kubectl.apply(scene.workerYaml("keyless", "steady", "m1", { host, bootstrap }))

      expect(await expectProblem("keyless", "MissingKeySecret")).toContain("nowhere")
    },
    4 * minutes,
  )

  test(
    "bootstrap data that is no cloud-config is named before anything runs",
    async () => {
      scene.explainFailure()
      await kubectl.apply(keySecret("broken", "#cloud-config\nwrite_files: {path: /ran}\n"))
      const broken = { bootstrap: { dataSecretName: "broken" } }
      await kubectl.apply(scene.workerYaml("broken", "steady", "p4", broken))

      expect(await expectProblem("broken", "InvalidCloudConfig")).toContain("write_files")
      expect((await lab.tryRun("p4", "ls /ran")).code).not.toBe(0)
    },
    4 * minutes,
  )

  test(
    "of two machines with one address the second waits",
    async () => {
      scene.explainFailure()
      await kubectl.apply(scene.workerYaml("twice", "steady", "m1", { bootstrap }))

      expect(await expectProblem("twice", "DuplicateAddress")).toContain("steady-0")
      expect((await lab.tryRun("m1", "ls /ran")).code).not.toBe(0)
    },
    4 * minutes,
  )

  test(
    "a kubeadm that fails shows what it said, without the secrets in it",
    async () => {
      scene.explainFailure()
      await kubectl.apply(keySecret("phase", secretPhase))
      const config = {
        files: [{ path: "/etc/phase", contentFrom: { secret: { name: "phase", key: "value" } } }],
        joinConfiguration: { skipPhases: [secretPhase] },
      }
      await kubectl.apply(scene.workerYaml("failing", "steady", "m2", { config }))

      const message = await expectProblem("failing", "BootstrapFailed")
      expect(message).toContain("invalid phase name: [redacted]")
      expect(JSON.stringify(await kubectl.get("remotemachine", "failing"))).not.toContain(
        secretPhase,
      )
      const why = await scene.mothership("why", "machine/failing")
      expect(why.stdout).toContain("invalid phase name: [redacted]")
    },
    4 * minutes,
  )

  test(
    "a version that the host does not have is named by what kubeadm says",
    async () => {
      scene.explainFailure()
      await kubectl.apply(scene.singleYaml("older", "m3", { version: "v1.30.0" }))

      expect(await expectProblem("older-0", "BootstrapFailed")).toContain(
        "Current version: v1.30.0",
      )
      const left = await lab.tryRun("m3", "ls /etc/kubernetes/admin.conf")
      expect(left.code).not.toBe(0)
    },
    4 * minutes,
  )

  test("YAML with a field that does not exist is refused by its name", async () => {
    scene.explainFailure()
    const yaml = scene.singleYaml("typo", "m3").replace("clusterName: typo", "clusterNmae: typo")

    const { code, stderr } = await kubectl.try(["apply", "-f", "-"], { input: yaml })

    expect(code).toBe(1)
    expect(stderr).toContain('unknown field "spec.clusterNmae"')
    expect((await kubectl.try(["get", "machine", "typo-0"])).stderr).toContain("NotFound")
    await kubectl.run(["delete", "cluster", "typo", "--timeout=2m"])
  })

  test("nothing else was disturbed by any of it", async () => {
    scene.explainFailure()
    const { status } = await kubectl.get("machine", "steady-0")
    expect(status.nodeRef).toEqual({ name: "m1" })
    const workload = await scene.workload("steady")
    const nodes = await workload.list("node")
    expect(
      nodes.map(({ metadata, status: node }) => [metadata.name, node.nodeInfo.kubeletVersion]),
    ).toEqual([["m1", kubernetesVersion]])
    expect(scene.starts("m1")).toSatisfy((starts: Record<string, number>) =>
      Object.values(starts).every((count) => count === 1),
    )
  })
})
