import { access, mkdir, readFile, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { describe, expect, test } from "vitest"

import {
  claimAnnotation,
  type PooledRemoteMachine,
  PooledRemoteMachineKind,
  RemoteMachineKind,
  SecretKind,
} from "#apis"
import { findCondition } from "#meta"
import { TestSshd } from "#remote/testing"

import { forceReleaseAnnotation } from "./annotations.ts"
import { messageOf, RemoteBench } from "./testing/remote-bench.ts"

const namespace = "default"

function isFree(host: PooledRemoteMachine | undefined): boolean {
  return host?.status?.reserved === false
}

describe("a pool", { timeout: 180_000 }, () => {
  test("that is short says who has its hosts, and serves the next machine at once", async () => {
    await using second = await secondHost()
    await using bench = await RemoteBench.start()
    await bench.startControllers()
    await bench.addPooledHost("h1")
    await bench.addMachine("a", bench.cloudConfig("true"), { spec: bench.pooledSpec() })
    const machine = await bench.untilReady("a")
    expect(machine.spec?.address).toBe("127.0.0.1")
    expect(machine.spec?.port).toBe(bench.sshd.address.port)
    await bench.addMachine("b", bench.cloudConfig("true"), { spec: bench.pooledSpec() })
    const short = await bench.untilReady("b", "NoFreeHost")
    expect(messageOf(short)).toBe("pool rack has no free host: its only host is taken (h1 by a)")
    expect(findCondition(short, "HostReserved")?.status).toBe("False")
    await bench.addSecret("second", { value: second.sshd.privateKey })
    const { port } = second.sshd.address
    await bench.addPooledHost("h2", { port, sshKeyRef: { name: "second" } })
    const served = await bench.until(
      RemoteMachineKind,
      "b",
      (object) => object?.spec?.port === port,
    )
    expect(findCondition(await bench.host("h2"), "Clean")).toBeUndefined()
    const { machineRef, reserved } = (await bench.host("h2")).status ?? {}
    expect(reserved).toBe(true)
    expect(machineRef).toEqual({
      name: "b",
      namespace,
      claim: served?.metadata.annotations?.[claimAnnotation],
    })
  })

  test("gives one host to one of two machines that want it at once, and then to the other", async () => {
    await using bench = await RemoteBench.start()
    await bench.addPooledHost("h1")
    await bench.addMachine("a", bench.cloudConfig("true"), { spec: bench.pooledSpec() })
    await bench.addMachine("b", bench.cloudConfig("true"), { spec: bench.pooledSpec() })
    await bench.startControllers()
    const taken = await bench.until(
      PooledRemoteMachineKind,
      "h1",
      (host) => host?.status?.reserved === true,
    )
    const first = taken?.status?.machineRef.name ?? ""
    const other = first === "a" ? "b" : "a"
    await bench.untilReady(first)
    await bench.untilReady(other, "NoFreeHost")
    await bench.deleteMachine(first)
    await bench.untilGone(first)
    await bench.untilReady(other)
  })

  test("keeps a host's values in step while it is taken, and refuses to lose it", async () => {
    await using bench = await RemoteBench.start()
    await bench.startControllers()
    await bench.addPooledHost("h1")
    const key = { namespace, name: "h1" }
    await bench.client.patch(PooledRemoteMachineKind, key, {
      type: "merge",
      body: { metadata: { labels: { zone: "z1" }, annotations: { note: "n1" } } },
    })
    await bench.addMachine("a", bench.cloudConfig("true"), { spec: bench.pooledSpec() })
    const machine = await bench.untilReady("a")
    expect(machine.metadata.labels?.["zone"]).toBe("z1")
    expect(machine.metadata.annotations?.["note"]).toBe("n1")
    const commands = ["echo cleaned"]
    const body = { spec: { machine: { cleanUpCommands: commands } } }
    await bench.client.patch(PooledRemoteMachineKind, key, { type: "merge", body })
    await bench.until(
      RemoteMachineKind,
      "a",
      (object) => object?.spec?.cleanUpCommands?.[0] === "echo cleaned",
    )
    const move = { spec: { machine: { address: "127.0.0.2" } } }
    await expect(
      bench.client.patch(PooledRemoteMachineKind, key, { type: "merge", body: move }),
    ).rejects.toMatchObject({ code: 422 })
    await expect(bench.client.delete(PooledRemoteMachineKind, key)).rejects.toThrow("has the host")
  })

  test("gets a reservation back that was lost with its status", async () => {
    await using bench = await RemoteBench.start()
    await bench.startControllers()
    await bench.addPooledHost("h1")
    await bench.addMachine("a", bench.cloudConfig("true"), { spec: bench.pooledSpec() })
    const machine = await bench.untilReady("a")
    const key = { namespace, name: "h1" }
    const status = { reserved: false, machineRef: { name: "", namespace: "", claim: null } }
    await bench.client.patch(
      PooledRemoteMachineKind,
      key,
      { type: "merge", body: { status } },
      { subresource: "status" },
    )
    await bench.addMachine("b", bench.cloudConfig("true"), { spec: bench.pooledSpec() })
    const restored = await bench.until(
      PooledRemoteMachineKind,
      "h1",
      (host) => host?.status?.reserved === true,
    )
    expect(restored?.status?.machineRef.name).toBe("a")
    expect(restored?.status?.machineRef.claim).toBe(machine.metadata.annotations?.[claimAnnotation])
    await bench.untilReady("b", "NoFreeHost")
  })
})

describe("a host that goes back to its pool", { timeout: 180_000 }, () => {
  test("is cleaned first, and serves another machine then", async () => {
    await using bench = await RemoteBench.start()
    await bench.startControllers()
    await bench.addPooledHost("h1")
    await bench.addMachine("a", bench.cloudConfig("true"), { spec: bench.pooledSpec() })
    await bench.untilReady("a")
    await access(bench.sentinel)
    await bench.deleteMachine("a")
    await bench.untilGone("a")
    const host = await bench.host("h1")
    expect(isFree(host)).toBe(true)
    expect(findCondition(host, "Clean")?.status).toBe("True")
    await expect(access(bench.sentinel)).rejects.toThrow("ENOENT")
    await bench.addMachine("b", bench.cloudConfig("true"), { spec: bench.pooledSpec() })
    await bench.untilReady("b")
  })

  test("stays reserved while it is not clean, until somebody forces it", async () => {
    await using bench = await RemoteBench.start()
    await bench.startControllers({ releaseTimeoutMs: 1 })
    await bench.addPooledHost("h1", { cleanUpCommands: ["echo no way >&2", "exit 3"] })
    await bench.addMachine("a", bench.cloudConfig("true"), { spec: bench.pooledSpec() })
    await bench.untilReady("a")
    await bench.deleteMachine("a")
    await bench.untilGone("a")
    const unclean = await bench.host("h1")
    expect(unclean.status?.reserved).toBe(true)
    expect(findCondition(unclean, "Clean")).toMatchObject({
      status: "False",
      reason: "CleanupFailed",
    })
    expect(messageOf(unclean, "Clean")).toContain("exited with code 3")
    expect(messageOf(unclean, "Clean")).toContain(forceReleaseAnnotation)
    await bench.addMachine("b", bench.cloudConfig("true"), { spec: bench.pooledSpec() })
    const short = await bench.untilReady("b", "NoFreeHost")
    expect(messageOf(short)).toContain("h1 is not clean since a had it: CleanupFailed")
    await bench.annotate(PooledRemoteMachineKind, "h1", { [forceReleaseAnnotation]: "true" })
    await bench.untilReady("b")
  })

  test("is not given back by the loss of its machine's finalizer", async () => {
    await using bench = await RemoteBench.start()
    await bench.startControllers()
    await bench.addPooledHost("h1")
    await bench.addMachine("a", bench.cloudConfig("true"), { spec: bench.pooledSpec() })
    await bench.untilReady("a")
    await bench.stopControllers()
    const key = { namespace, name: "a" }
    await bench.client.patch(RemoteMachineKind, key, {
      type: "merge",
      body: { metadata: { finalizers: null } },
    })
    await bench.deleteMachine("a")
    await bench.startControllers()
    const orphan = await bench.until(
      PooledRemoteMachineKind,
      "h1",
      (host) => host !== undefined && findCondition(host, "Clean")?.reason === "MachineGone",
    )
    expect(orphan?.status?.reserved).toBe(true)
    await bench.annotate(PooledRemoteMachineKind, "h1", { [forceReleaseAnnotation]: "true" })
    const free = await bench.until(
      PooledRemoteMachineKind,
      "h1",
      (host) => isFree(host) && host?.metadata.annotations?.[forceReleaseAnnotation] === undefined,
    )
    expect(findCondition(free ?? orphan ?? (await bench.host("h1")), "Clean")?.reason).toBe(
      "Forced",
    )
    await bench.client.delete(PooledRemoteMachineKind, { namespace, name: "h1" })
  })

  test("is not free when it turned out to be in use by somebody else", async () => {
    await using bench = await RemoteBench.start()
    const [statePath = ""] = bench.sshd.layout.statePaths
    await mkdir(dirname(statePath), { recursive: true })
    await writeFile(statePath, "")
    await bench.startControllers()
    await bench.addPooledHost("h1")
    await bench.addMachine("a", bench.cloudConfig("true"), { spec: bench.pooledSpec() })
    const refused = await bench.untilReady("a", "HostInUse")
    expect(messageOf(refused)).toContain(statePath)
    await bench.deleteMachine("a")
    await bench.untilGone("a")
    const host = await bench.host("h1")
    expect(host.status?.reserved).toBe(true)
    expect(findCondition(host, "Clean")?.reason).toBe("NotOurs")
    await access(statePath)
  })

  test("is not taken from a machine that lives", async () => {
    await using bench = await RemoteBench.start()
    await bench.startControllers()
    await bench.addPooledHost("h1")
    await bench.addMachine("a", bench.cloudConfig("true"), { spec: bench.pooledSpec() })
    await bench.untilReady("a")
    await bench.annotate(PooledRemoteMachineKind, "h1", { [forceReleaseAnnotation]: "true" })
    const host = await bench.until(
      PooledRemoteMachineKind,
      "h1",
      (object) => object?.metadata.annotations?.[forceReleaseAnnotation] === undefined,
    )
    expect(host?.status?.reserved).toBe(true)
  })
})

describe("the deletion of a machine", { timeout: 180_000 }, () => {
  test("runs the user's own commands and gives the host back", async () => {
    await using bench = await RemoteBench.start()
    await bench.startControllers()
    const log = join(bench.directory, "log")
    const cleanUpCommands = [`export X=1`, `echo cleaned $X >> ${log}`]
    const spec = bench.hostSpec({ cleanUpCommands })
    await bench.addMachine("m", bench.cloudConfig("true"), { spec })
    await bench.untilReady("m")
    await access(join(bench.sshd.layout.rootDir, "owner"))
    await bench.deleteMachine("m")
    await bench.untilGone("m")
    expect(await readFile(log, "utf8")).toBe("cleaned 1\n")
    await expect(access(join(bench.sshd.layout.rootDir, "owner"))).rejects.toThrow("ENOENT")
  })

  test("stops a bootstrap that runs", async () => {
    await using bench = await RemoteBench.start()
    await bench.startControllers()
    await bench.addMachine("m", bench.cloudConfig("sleep 1000"))
    await bench.untilStep("m", "command-1")
    await bench.deleteMachine("m")
    await bench.untilGone("m")
    await expect(access(join(bench.sshd.layout.rootDir, "owner"))).rejects.toThrow("ENOENT")
  })

  test("needs no host that was never reached", async () => {
    await using bench = await RemoteBench.start()
    await bench.sshd.pause()
    await bench.startControllers()
    await bench.addMachine("m", bench.cloudConfig("true"))
    await bench.untilReady("m", "HostUnreachable")
    await bench.deleteMachine("m")
    await bench.untilGone("m")
  })

  test("says how to go on without a host that is gone", async () => {
    await using bench = await RemoteBench.start()
    await bench.startControllers({ releaseTimeoutMs: 1 })
    await bench.addMachine("m", bench.cloudConfig("true"))
    await bench.untilReady("m")
    await bench.sshd.pause()
    await bench.deleteMachine("m")
    const stuck = await bench.untilReady("m", "HostUnreachable")
    expect(messageOf(stuck)).toContain(`${forceReleaseAnnotation}=true`)
    await bench.annotate(RemoteMachineKind, "m", { [forceReleaseAnnotation]: "true" })
    await bench.untilGone("m")
  })

  test("says so when the key is gone, and goes on when it is back", async () => {
    await using bench = await RemoteBench.start()
    await bench.startControllers()
    await bench.addMachine("m", bench.cloudConfig("true"))
    await bench.untilReady("m")
    const key = { namespace, name: "key" }
    const body = { metadata: { finalizers: null } }
    await bench.client.delete(SecretKind, key)
    await bench.client.patch(SecretKind, key, { type: "merge", body })
    await bench.deleteMachine("m")
    const stuck = await bench.untilReady("m", "MissingKeySecret")
    expect(messageOf(stuck)).toContain("tried again until")
    await bench.addSecret("key", { value: bench.sshd.privateKey })
    await bench.untilGone("m")
  })

  test("does not clean the host that the plane runs on", async () => {
    await using bench = await RemoteBench.start()
    await bench.startControllers({ isOwnHost: () => Promise.resolve(true) })
    const file = join(bench.directory, "file")
    await writeFile(file, "")
    const spec = bench.hostSpec({ cleanUpCommands: [`rm ${file}`] })
    await bench.addMachine("m", bench.cloudConfig("true"), { spec })
    await bench.untilReady("m")
    await bench.deleteMachine("m")
    const refused = await bench.untilReady("m", "OwnHost")
    expect(messageOf(refused)).toContain("remote.mothership.dev/clean-own-host=true")
    await access(file)
    await bench.annotate(RemoteMachineKind, "m", { "remote.mothership.dev/clean-own-host": "true" })
    await bench.untilGone("m")
    await expect(access(file)).rejects.toThrow("ENOENT")
  })
})

async function secondHost(): Promise<{ readonly sshd: TestSshd } & AsyncDisposable> {
  const sshd = await TestSshd.start()
  return { sshd, [Symbol.asyncDispose]: () => sshd.stop() }
}
