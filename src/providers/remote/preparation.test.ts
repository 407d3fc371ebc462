import { access, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, test } from "vitest"

import {
  PooledRemoteMachineKind,
  type RemoteMachine,
  RemoteMachineKind,
  retryAnnotation,
} from "#apis"

import { addSet, GatedStore } from "./testing/artifact-set.ts"
import { messageOf, RemoteBench } from "./testing/remote-bench.ts"

const noData = "Machine m has no bootstrap data yet"
const prepared = `${noData}; the artifact set is installed (1 of 1 steps done)`

/** Resolves with the machine once its Ready condition says this. */
async function untilSays(bench: RemoteBench, text: string): Promise<RemoteMachine> {
  const machine = await bench.until(
    RemoteMachineKind,
    "m",
    (object) => object !== undefined && messageOf(object).includes(text),
  )
  if (!machine) throw new Error("RemoteMachine m is gone")
  return machine
}

/** A bench with the set `first`, whose files are installed below `target`. */
async function open() {
  const bench = await RemoteBench.start()
  const target = join(bench.directory, "installed")
  await addSet(bench, target, { name: "first" })
  return {
    bench,
    target,
    spec: bench.hostSpec({ artifacts: "first" }),
    [Symbol.asyncDispose]: () => bench[Symbol.asyncDispose](),
  }
}

describe("a host whose machine has no bootstrap data yet", { timeout: 180_000 }, () => {
  test("gets its artifact set, and its bootstrap once the data is there", async () => {
    await using scene = await open()
    const { bench, target, spec } = scene
    await bench.startControllers()
    await bench.addEarlyMachine("m", { spec })

    const waiting = await bench.untilReady("m", "WaitingForBootstrapData")
    expect(messageOf(waiting)).toContain(noData)
    const early = await untilSays(bench, prepared)
    expect(early.status?.bootstrap).toMatchObject({ stepsDone: 1, stepsTotal: 1 })
    expect(early.status?.bootstrap?.finishedAt).toBeUndefined()
    expect(early.spec?.providerID).toBeUndefined()
    await access(join(target, "tool"))
    await bench.giveData("m", bench.cloudConfig(`${target}/tool > ${target}/said`))
    const machine = await bench.untilReady("m")

    expect(await readFile(join(target, "said"), "utf8")).toBe("tool of first\n")
    expect(machine.status?.bootstrap).toMatchObject({ stepsDone: 4, stepsTotal: 4 })
    expect(await bench.startedSteps(machine)).toEqual([
      "install-artifacts",
      "command-1",
      "command-2",
      "check-sentinel",
    ])
  })

  test("goes on with what it is sent when the data comes in the middle", async () => {
    await using scene = await open()
    const { bench, target, spec } = scene
    const artifacts = new GatedStore(bench.artifacts)
    await bench.startControllers({ artifacts })
    await bench.addEarlyMachine("m", { spec })

    await untilSays(bench, `${noData}; sending ${target}/tool`)
    await bench.giveData("m", bench.cloudConfig(`${target}/tool`))
    await bench.untilReady("m", "Bootstrapping")
    artifacts.release()
    await bench.untilReady("m")

    expect(artifacts.opened).toBe(1)
  })

  test("is prepared on by the next plane when the first dies in the middle", async () => {
    await using scene = await open()
    const { bench, target, spec } = scene
    await bench.startControllers({ artifacts: new GatedStore(bench.artifacts) })
    await bench.addEarlyMachine("m", { spec })
    await untilSays(bench, `sending ${target}/tool`)
    await bench.stopControllers()

    await bench.startControllers()
    await untilSays(bench, prepared)
    await bench.stopControllers()
    await bench.giveData("m", bench.cloudConfig(`${target}/tool`))
    await bench.startControllers()
    const machine = await bench.untilReady("m")

    const steps = ["install-artifacts", "command-1", "command-2", "check-sentinel"]
    expect(await bench.startedSteps(machine)).toEqual(steps)
    expect(machine.status?.bootstrap).toMatchObject({ stepsDone: 4, stepsTotal: 4 })
  })

  test("is given back when the machine is deleted in the middle", async () => {
    await using scene = await open()
    const { bench, target, spec } = scene
    await bench.startControllers({ artifacts: new GatedStore(bench.artifacts) })
    await bench.addEarlyMachine("m", { spec })
    await untilSays(bench, `sending ${target}/tool`)
    expect(await readdir(bench.sshd.layout.rootDir)).toContain("owner")

    await bench.deleteMachine("m")
    await bench.untilGone("m")

    expect(await readdir(bench.sshd.layout.rootDir)).toEqual([])
  })

  test("says which step of the preparation failed, and goes on by retry", async () => {
    await using scene = await open()
    const { bench, target, spec } = scene
    await writeFile(target, "in the way")
    await bench.startControllers()
    await bench.addEarlyMachine("m", { spec })

    const failed = await bench.untilReady("m", "BootstrapFailed")
    expect(messageOf(failed)).toContain("step install-artifacts (Install the artifact set) exited")
    await bench.giveData("m", bench.cloudConfig(`${target}/tool`))
    await rm(target)
    await bench.annotate(RemoteMachineKind, "m", { [retryAnnotation]: `{"at":"now"}` })
    const machine = await bench.untilReady("m")

    expect(await bench.startedSteps(machine)).toEqual([
      "install-artifacts",
      "install-artifacts",
      "command-1",
      "command-2",
      "check-sentinel",
    ])
  })

  test("gets another set when another is asked for", async () => {
    await using scene = await open()
    const { bench, target, spec } = scene
    await addSet(bench, target, { name: "second" })
    await bench.startControllers()
    await bench.addEarlyMachine("m", { spec })
    await untilSays(bench, prepared)

    const key = { namespace: "default", name: "m" }
    const body = { spec: { artifacts: "second" } }
    await bench.client.patch(RemoteMachineKind, key, { type: "merge", body })
    await bench.giveData("m", bench.cloudConfig(`${target}/tool > ${target}/said`))
    await bench.untilReady("m")

    expect(await readFile(join(target, "said"), "utf8")).toBe("tool of second\n")
  })

  test("is prepared by nobody when its data, already there, is no good", async () => {
    await using scene = await open()
    const { bench, target, spec } = scene
    await bench.startControllers()
    await bench.addMachine("m", "hello", { spec })

    await bench.untilReady("m", "InvalidCloudConfig")

    await expect(access(join(target, "tool"))).rejects.toThrow("ENOENT")
  })

  test("and that is still in its pool is taken once a control plane machine has one", async () => {
    await using scene = await open()
    const { bench, target } = scene
    await bench.startControllers()
    await bench.addPooledHost("host")
    await mkdir(target)
    await bench.addEarlyMachine("m", { spec: { ...bench.pooledSpec(), artifacts: "first" } })
    await untilSays(bench, noData)
    expect((await bench.host("host")).status?.reserved ?? false).toBe(false)

    // Nothing answers there, but an address it is.
    const spec = bench.hostSpec({ address: "127.0.0.2", port: 1 })
    await bench.addEarlyMachine("first", { spec }, true)
    await untilSays(bench, prepared)

    const taken = await bench.until(
      PooledRemoteMachineKind,
      "host",
      (host) => host?.status?.reserved === true,
    )
    expect(taken?.status?.machineRef.name).toBe("m")
  })
})
