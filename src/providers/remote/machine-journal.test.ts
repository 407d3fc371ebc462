import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { expect, test } from "vitest"

import { RemoteMachineKind, SecretKind } from "#apis"
import { silentLogger, systemClock } from "#base"

import { type JournalOptions, journalText, readMachineJournal } from "./machine-journal.ts"
import { addSet } from "./testing/artifact-set.ts"
import { RemoteBench } from "./testing/remote-bench.ts"

async function optionsFor(bench: RemoteBench, follow: boolean): Promise<JournalOptions> {
  return {
    machine: await bench.machine("m"),
    keySecret: await bench.client.get(SecretKind, { namespace: "default", name: "key" }),
    follow,
    signal: new AbortController().signal,
    clock: systemClock,
    log: silentLogger,
    layout: bench.sshd.layout,
  }
}

async function textOf(options: JournalOptions): Promise<string> {
  const texts = await Array.fromAsync(readMachineJournal(options), journalText)
  return texts.join("").replaceAll(/\d{4}-\d\d-\d\dT\S+Z/g, "TIME")
}

test(
  "the journal of a machine has each step's output, redacted, live or as it is",
  {
    timeout: 180_000,
  },
  async () => {
    await using bench = await RemoteBench.start()
    await bench.startControllers()
    const gate = join(bench.directory, "gate")
    const data = bench.cloudConfig(
      "echo hello from abcdef.0123456789abcdef",
      `while [ ! -e ${gate} ]; do sleep 0.1; done`,
    )
    await bench.addMachine("m", data)
    await bench.untilStep("m", "command-2")
    const soFar = await textOf(await optionsFor(bench, false))
    expect(soFar).toBe(
      `== TIME the plan begins
== TIME command-1: attempt 1
hello from abcdef.[redacted]
== TIME command-1: exit code 0
== TIME command-2: attempt 1
`,
    )
    const following = textOf(await optionsFor(bench, true))
    await writeFile(gate, "")
    const whole = await following
    expect(whole.startsWith(soFar)).toBe(true)
    expect(whole.endsWith("== TIME all steps are done\n")).toBe(true)
  },
)

test(
  "the journal begins with the preparation, and is followed from there into the bootstrap",
  {
    timeout: 180_000,
  },
  async () => {
    await using bench = await RemoteBench.start()
    const target = join(bench.directory, "installed")
    await addSet(bench, target, { name: "first" })
    await bench.startControllers()
    await bench.addEarlyMachine("m", { spec: bench.hostSpec({ artifacts: "first" }) })
    await bench.until(
      RemoteMachineKind,
      "m",
      (object) => object?.status?.bootstrap?.stepsDone === 1,
    )
    const soFar = await textOf(await optionsFor(bench, false))
    expect(soFar).toBe(
      `== TIME the plan begins
== TIME install-artifacts: attempt 1
installed ${target}/tool
== TIME install-artifacts: exit code 0
== TIME all steps are done
`,
    )
    const following = textOf(await optionsFor(bench, true))
    await bench.giveData("m", bench.cloudConfig("echo hello"))
    const whole = await following
    expect(whole.startsWith(`${soFar}== TIME the plan begins\n== TIME command-1:`)).toBe(true)
    expect(whole.endsWith("== TIME all steps are done\n")).toBe(true)
  },
)

test(
  "a machine whose host was never reached has no journal, and says so",
  {
    timeout: 180_000,
  },
  async () => {
    await using bench = await RemoteBench.start()
    await bench.sshd.pause()
    await bench.startControllers()
    await bench.addMachine("m", bench.cloudConfig("true"))
    await bench.untilReady("m", "HostUnreachable")
    await expect(textOf(await optionsFor(bench, false))).rejects.toThrow("never reached")
  },
)
