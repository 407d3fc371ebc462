import { readdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, test } from "vitest"

import {
  claimAnnotation,
  hostKeyAnnotation,
  MachineKind,
  RemoteMachineKind,
  retryAnnotation,
  SecretKind,
} from "#apis"
import { bootstrapValues } from "#contract"
import { findCondition } from "#meta"
import { commandPlan, makeKey, TestSshd } from "#remote/testing"

import { messageOf, RemoteBench } from "./testing/remote-bench.ts"

const namespace = "default"

/** A command that ends once the file is there. */
function waitsFor(file: string): string {
  return `while [ ! -e ${file} ]; do sleep 0.1; done`
}

/** The processes that serve the daemon's connections: without them the connections are cut. */
async function connectionsOf(sshd: TestSshd): Promise<number[]> {
  const pids: number[] = []
  const daemon = (await readFile(join(sshd.dir, "sshd.pid"), "utf8")).trim()
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const stat = await readFile(join("/proc", pid, "stat"), "latin1").catch(() => "")
    const [, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
    if (parent === daemon) pids.push(Number(pid))
  }
  return pids
}

describe("a bootstrap", { timeout: 180_000 }, () => {
  test("runs on the host and makes it a node's machine", async () => {
    await using bench = await RemoteBench.start()
    await bench.startControllers()
    const file = join(bench.directory, "file")
    await bench.addMachine("m", bench.cloudConfig(`echo one >> ${file}`), {
      metadata: { labels: { rack: "r1", "cluster.x-k8s.io/cluster-name": "edge" } },
    })
    const machine = await bench.untilReady("m")
    const { port } = bench.sshd.address
    expect(machine.spec?.providerID).toBe(`remote-machine://127.0.0.1:${port}`)
    expect(machine.status?.initialization?.provisioned).toBe(true)
    expect(machine.status?.addresses).toContainEqual({ type: "ExternalIP", address: "127.0.0.1" })
    expect(findCondition(machine, "BootstrapExecSucceeded")?.status).toBe("True")
    expect(machine.status?.bootstrap).toMatchObject({ stepsDone: 3, stepsTotal: 3, attempt: 1 })
    expect(machine.metadata.annotations?.[hostKeyAnnotation]).toMatch(/^SHA256:/)
    expect(machine.metadata.annotations?.[claimAnnotation]).toMatch(/^[0-9a-f]{32}$/)
    expect(await readFile(file, "utf8")).toBe("one\n")
    const owner = await bench.until(
      MachineKind,
      "m",
      (object) => object?.metadata.labels?.["rack"] !== undefined,
    )
    expect(owner?.metadata.labels?.["rack"]).toBe("r1")
  })

  test("follows the plan that our own bootstrap providers write beside the data", async () => {
    await using bench = await RemoteBench.start()
    await bench.startControllers()
    const file = join(bench.directory, "file")
    const plan = commandPlan({ own: `hostname > ${file}; touch ${bench.sentinel}` })
    await bench.addMachine("m", bootstrapValues("#cloud-config\n", plan))
    const machine = await bench.untilReady("m")
    expect(await bench.startedSteps(machine)).toEqual(["own", "check-sentinel"])
    expect(await readFile(file, "utf8")).not.toBe("")
  })

  test("goes on where it stands when the plane that began it is gone", async () => {
    await using bench = await RemoteBench.start()
    await bench.startControllers()
    const gate = join(bench.directory, "gate")
    const log = join(bench.directory, "log")
    const data = bench.cloudConfig(`echo a >> ${log}`, waitsFor(gate), `echo b >> ${log}`)
    await bench.addMachine("m", data)
    await bench.untilStep("m", "command-2")
    await bench.stopControllers()
    await writeFile(gate, "")
    await bench.startControllers()
    const machine = await bench.untilReady("m")
    expect(await readFile(log, "utf8")).toBe("a\nb\n")
    expect(await bench.startedSteps(machine)).toEqual([
      "command-1",
      "command-2",
      "command-3",
      "command-4",
      "check-sentinel",
    ])
  })

  test("goes on when the connection is cut in the middle of a step", async () => {
    await using bench = await RemoteBench.start()
    await bench.startControllers()
    const gate = join(bench.directory, "gate")
    await bench.addMachine("m", bench.cloudConfig(waitsFor(gate)))
    await bench.untilStep("m", "command-1")
    const connections = await connectionsOf(bench.sshd)
    await bench.sshd.pause()
    for (const pid of connections) process.kill(pid, "SIGKILL")
    const cut = await bench.untilReady("m", "HostUnreachable")
    expect(messageOf(cut)).toContain("since")
    await writeFile(gate, "")
    await bench.sshd.resume()
    const machine = await bench.untilReady("m")
    const started = await bench.startedSteps(machine)
    expect(started).toEqual(["command-1", "command-2", "check-sentinel"])
  })

  test("waits for a host that is away and begins when it is there", async () => {
    await using bench = await RemoteBench.start()
    await bench.sshd.pause()
    await bench.startControllers()
    await bench.addMachine("m", bench.cloudConfig("true"))
    const waiting = await bench.untilReady("m", "HostUnreachable")
    expect(messageOf(waiting)).toMatch(/connect to root@127\.0\.0\.1.*since/)
    await bench.sshd.resume()
    await bench.untilReady("m")
  })

  test("that fails shows the step's output without secrets, and goes on by retry", async () => {
    await using bench = await RemoteBench.start()
    await bench.startControllers()
    const gate = join(bench.directory, "gate")
    const log = join(bench.directory, "log")
    const data = bench.cloudConfig(
      `echo a >> ${log}`,
      `echo "the token is abcdef.0123456789abcdef" >&2; test -e ${gate}`,
    )
    await bench.addMachine("m", data)
    const failed = await bench.untilReady("m", "BootstrapFailed")
    expect(messageOf(failed)).toContain("step command-2")
    expect(messageOf(failed)).toContain("exited with code 1")
    expect(messageOf(failed)).toContain("the token is abcdef.[redacted]")
    expect(messageOf(failed)).toContain("mothership retry machine/m")
    expect(messageOf(failed)).not.toContain("0123456789abcdef")
    expect(findCondition(failed, "BootstrapExecSucceeded")?.reason).toBe("BootstrapFailed")
    await writeFile(gate, "")
    await bench.annotate(RemoteMachineKind, "m", { [retryAnnotation]: `{"at":"now"}` })
    const machine = await bench.untilReady("m")
    const gone = await bench.until(
      RemoteMachineKind,
      "m",
      (object) => object?.metadata.annotations?.[retryAnnotation] === undefined,
    )
    expect(gone?.metadata.annotations?.[claimAnnotation]).toBeDefined()
    expect(await readFile(log, "utf8")).toBe("a\n")
    expect(await bench.startedSteps(machine)).toEqual([
      "command-1",
      "command-2",
      "command-2",
      "command-3",
      "check-sentinel",
    ])
  })

  test("is not done while the host does not say that it succeeded", async () => {
    await using bench = await RemoteBench.start()
    await bench.startControllers()
    await bench.addMachine("m", "#cloud-config\nruncmd: ['true']\n")
    const failed = await bench.untilReady("m", "BootstrapFailed")
    expect(messageOf(failed)).toContain(`${bench.sentinel} is not there`)
    expect(failed.spec?.providerID).toBeUndefined()
  })
})

describe("bad bootstrap data", { timeout: 180_000 }, () => {
  test.each([
    ["no cloud-config", "hello", "InvalidCloudConfig", "#cloud-config"],
    ["a file without a path", "#cloud-config\nwrite_files: [{}]\n", "InvalidCloudConfig", "path"],
    [
      "modules that we do not know",
      "#cloud-config\nntp: {}\ndisk_setup: {}\n",
      "UnsupportedCloudConfig",
      "disk_setup, ntp",
    ],
    [
      "instance data that there is none of",
      "#cloud-config\nruncmd: ['echo {{ ds.meta_data.instance_id }}']\n",
      "InvalidCloudConfig",
      "instance_id",
    ],
  ])("with %s is named, and nothing runs", async (_title, data, reason, text) => {
    await using bench = await RemoteBench.start()
    await bench.startControllers()
    await bench.addMachine("m", data)
    const machine = await bench.untilReady("m", reason)
    expect(messageOf(machine)).toContain(text)
    await expect(bench.journal(machine)).rejects.toThrow("ENOENT")
  })

  test("in another format is refused", async () => {
    await using bench = await RemoteBench.start()
    await bench.startControllers()
    await bench.addMachine("m", { value: "{}", format: "ignition" })
    const machine = await bench.untilReady("m", "UnsupportedBootstrapFormat")
    expect(messageOf(machine)).toContain("ignition")
  })

  test("that needs kubeadm on a host without it says so before anything runs", async () => {
    await using bench = await RemoteBench.start()
    await bench.startControllers()
    await bench.addMachine("m", bench.cloudConfig("kubeadm join --config /tmp/none"))
    const machine = await bench.untilReady("m", "MissingPrerequisites")
    expect(messageOf(machine)).toContain("kubeadm, kubelet")
    await expect(bench.journal(machine)).rejects.toThrow("ENOENT")
  })

  test("is forgotten once corrected data takes its place", async () => {
    await using bench = await RemoteBench.start()
    await bench.startControllers()
    await bench.addMachine("m", "hello")
    await bench.untilReady("m", "InvalidCloudConfig")
    const value = Buffer.from(bench.cloudConfig("true")).toString("base64")
    await bench.client.patch(
      SecretKind,
      { namespace, name: "m-data" },
      { type: "merge", body: { data: { value } } },
    )
    await bench.untilReady("m")
  })
})

describe("a host that cannot be entered", { timeout: 180_000 }, () => {
  test("refuses a wrong key until the Secret has the right one", async () => {
    await using bench = await RemoteBench.start()
    await bench.startControllers()
    const path = join(bench.directory, "other")
    await makeKey(path, "ed25519")
    await bench.addSecret("other", { value: await readFile(path, "utf8") })
    const spec = bench.hostSpec({ sshKeyRef: { name: "other" } })
    await bench.addMachine("m", bench.cloudConfig("true"), { spec })
    const machine = await bench.untilReady("m", "AuthenticationFailed")
    expect(messageOf(machine)).toContain("does not accept this key")
    const value = Buffer.from(bench.sshd.privateKey).toString("base64")
    await bench.client.patch(
      SecretKind,
      { namespace, name: "other" },
      { type: "merge", body: { data: { value } } },
    )
    await bench.untilReady("m")
  })

  test("waits for the Secret with its key", async () => {
    await using bench = await RemoteBench.start()
    await bench.startControllers()
    const spec = bench.hostSpec({ sshKeyRef: { name: "late" } })
    await bench.addMachine("m", bench.cloudConfig("true"), { spec })
    const machine = await bench.untilReady("m", "MissingKeySecret")
    expect(messageOf(machine)).toContain("late")
    await bench.addSecret("late", { value: bench.sshd.privateKey })
    await bench.untilReady("m")
  })

  test("is not trusted when it shows another host key than before", async () => {
    await using bench = await RemoteBench.start()
    await bench.startControllers()
    const gate = join(bench.directory, "gate")
    await bench.addMachine("m", bench.cloudConfig(waitsFor(gate)))
    await bench.untilReady("m", "Bootstrapping")
    await bench.untilStep("m", "command-1")
    const connections = await connectionsOf(bench.sshd)
    await bench.sshd.pause()
    await bench.sshd.changeHostKeys()
    await bench.sshd.resume()
    for (const pid of connections) process.kill(pid, "SIGKILL")
    const changed = await bench.untilReady("m", "HostKeyChanged")
    expect(messageOf(changed)).toContain(hostKeyAnnotation)
    await writeFile(gate, "")
    await bench.annotate(RemoteMachineKind, "m", { [hostKeyAnnotation]: null })
    await bench.untilReady("m")
  })

  test("is not entered at all when its key must be known and is not", async () => {
    await using bench = await RemoteBench.start()
    await bench.startControllers()
    const spec = bench.hostSpec({ hostKeyPolicy: "Strict" })
    await bench.addMachine("m", bench.cloudConfig("true"), { spec })
    const machine = await bench.untilReady("m", "HostKeyRequired")
    expect(messageOf(machine)).toContain("spec.hostKey")
    const host = await bench.sshd.connect()
    host.close()
    const body = { spec: { hostKey: host.hostKeyFingerprint } }
    await bench.client.patch(RemoteMachineKind, { namespace, name: "m" }, { type: "merge", body })
    await bench.untilReady("m")
  })

  test("needs sudo for a user who is not root", async () => {
    const sshd = await TestSshd.start({ plainUser: { shell: "/bin/sh", sudoers: [] } })
    await using bench = await RemoteBench.start(sshd)
    await bench.startControllers()
    const spec = bench.hostSpec({ user: "plain", useSudo: true })
    await bench.addMachine("m", bench.cloudConfig("true"), { spec })
    const machine = await bench.untilReady("m", "SudoRequired")
    expect(messageOf(machine)).toContain("plain@127.0.0.1")
  })

  test("belongs to another plane and is not touched", async () => {
    await using bench = await RemoteBench.start()
    await bench.startControllers()
    await bench.addMachine("m", bench.cloudConfig("true"))
    const first = await bench.untilReady("m")
    await using other = await RemoteBench.start(bench.sshd)
    await other.startControllers()
    await other.addMachine("n", other.cloudConfig("true"))
    const second = await other.untilReady("n", "HostInUse")
    expect(messageOf(second)).toContain(first.metadata.annotations?.[claimAnnotation])
    expect(messageOf(second)).toContain("RemoteMachine default/m")
  })
})

describe("a RemoteMachine", { timeout: 180_000 }, () => {
  test("that comes with an identity is adopted and never bootstrapped", async () => {
    await using bench = await RemoteBench.start()
    await bench.startControllers()
    const providerID = "remote-machine://127.0.0.1:22"
    const spec = bench.hostSpec({ providerID })
    const file = join(bench.directory, "file")
    await bench.addMachine("m", bench.cloudConfig(`touch ${file}`), { spec })
    const machine = await bench.untilReady("m")
    expect(machine.status?.initialization?.provisioned).toBe(true)
    expect(machine.metadata.annotations?.[claimAnnotation]).toBeUndefined()
    await expect(readFile(file)).rejects.toThrow("ENOENT")
    await bench.deleteMachine("m")
    await bench.untilGone("m")
  })

  test("waits while an earlier one has the same address, and takes the host over then", async () => {
    await using bench = await RemoteBench.start()
    await bench.startControllers()
    await bench.addMachine("a", bench.cloudConfig("true"))
    await bench.untilReady("a")
    await bench.addMachine("b", bench.cloudConfig("true"))
    const later = await bench.untilReady("b", "DuplicateAddress")
    expect(messageOf(later)).toContain("default/a")
    await bench.deleteMachine("a")
    await bench.untilGone("a")
    await bench.untilReady("b")
  })

  test("that names a host of another by another name is refused there, and goes alone", async () => {
    await using bench = await RemoteBench.start()
    await bench.startControllers()
    await bench.addMachine("a", bench.cloudConfig("true"))
    const first = await bench.untilReady("a")
    const owner = join(bench.sshd.layout.rootDir, "owner")
    const before = await readFile(owner, "utf8")
    const spec = bench.hostSpec({ address: "localhost" })
    await bench.addMachine("b", bench.cloudConfig("touch /nowhere/b"), { spec })
    const second = await bench.untilReady("b", "HostInUse")
    expect(messageOf(second)).toContain("RemoteMachine default/a")
    await bench.deleteMachine("b")
    await bench.untilGone("b")
    expect(await readFile(owner, "utf8")).toBe(before)
    expect(await bench.startedSteps(first)).toContain("check-sentinel")
  })

  test("without an address or a pool says what is missing", async () => {
    await using bench = await RemoteBench.start()
    await bench.startControllers()
    const { address: _, ...spec } = bench.hostSpec()
    await bench.addMachine("m", bench.cloudConfig("true"), { spec })
    const machine = await bench.untilReady("m", "MissingFields")
    expect(messageOf(machine)).toBe("spec.address must be set, or spec.pool")
  })

  test("that names an artifact set which is not there says so", async () => {
    await using bench = await RemoteBench.start()
    await bench.startControllers()
    const spec = bench.hostSpec({ artifacts: "v9" })
    await bench.addMachine("m", bench.cloudConfig("true"), { spec })
    const machine = await bench.untilReady("m", "ArtifactsMissing")
    expect(messageOf(machine)).toContain("artifact set v9 is not there")
  })

  test("keeps its claim, and refuses a request to retry that makes no sense", async () => {
    await using bench = await RemoteBench.start()
    await bench.startControllers()
    await bench.addMachine("m", bench.cloudConfig("true"))
    await bench.untilReady("m")
    const claim = bench.annotate(RemoteMachineKind, "m", { [claimAnnotation]: "other" })
    await expect(claim).rejects.toMatchObject({ code: 422 })
    const retry = bench.annotate(RemoteMachineKind, "m", { [retryAnnotation]: "now" })
    await expect(retry).rejects.toMatchObject({ code: 422 })
  })
})
