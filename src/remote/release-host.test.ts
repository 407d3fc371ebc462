import { readdir, readFile, stat, writeFile } from "node:fs/promises"
import { join } from "node:path"

import { randomHex } from "#base"
import { afterAll, beforeAll, expect, test, vi } from "vitest"

import { claimHost } from "./claim-host.ts"
import { follow } from "./follow-plan.ts"
import type { Host } from "./host.ts"
import type { PlanStep } from "./plan.ts"
import { status } from "./plan-status.ts"
import { release } from "./release-host.ts"
import { start } from "./start-plan.ts"
import { stop } from "./stop-plans.ts"
import { commandPlan, newHolder, processesOf, settle, TestSshd } from "./testing/index.ts"

// Real processes on a machine that may be busy with other tests.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

let sshd: TestSshd

beforeAll(async () => {
  sshd = await TestSshd.start()
})
afterAll(() => sshd.stop())

function open(): Promise<Host> {
  const layout = { rootDir: join(sshd.dir, randomHex(6)), statePaths: [] }
  return sshd.connect({ layout, connectTimeoutMs: 120_000 })
}

function step(command: string): PlanStep {
  return { name: "clean", action: { kind: "command", command } }
}

test("a host is cleaned and given back, for another claim to take", async () => {
  const host = await open()
  const holder = newHolder()
  const dirt = join(sshd.dir, randomHex(6))
  await start(host, { ...holder, content: commandPlan({ make: `echo dirt >${dirt}` }) })
  await settle(host, holder)
  await release(host, { ...holder, steps: [step(`rm ${dirt}`)] })
  await expect(stat(dirt)).rejects.toThrow("ENOENT")
  expect(await readdir(host.layout.rootDir)).toEqual([])
  await release(host, { ...holder, steps: [step(`rm ${dirt}`)] })
  const other = newHolder()
  await claimHost(host, other)
  await expect(release(host, { ...holder, steps: [] })).rejects.toMatchObject({
    reason: "HostInUse",
    owner: other.claim,
  })
  expect((await host.facts()).owner).toBe(other.claim)
  host.close()
})

test("a cleaning that fails keeps the host claimed and shows its output, until a retry works", async () => {
  const host = await open()
  const holder = newHolder()
  const file = join(sshd.dir, randomHex(6))
  await claimHost(host, holder)
  const steps = [
    step(`echo tried >>${file}; echo token abcdef.0123456789abcdef; [ -e ${file}.fixed ]`),
  ]
  const failure = {
    reason: "CleanupFailed",
    step: "clean",
    output: "token abcdef.[redacted]\n",
    message: "clean host: step clean exited with code 1",
  }
  await expect(release(host, { ...holder, steps })).rejects.toMatchObject(failure)
  await expect(release(host, { ...holder, steps })).rejects.toMatchObject(failure)
  expect(await readFile(file, "utf8")).toBe("tried\n")
  expect((await host.facts()).owner).toBe(holder.claim)
  await writeFile(`${file}.fixed`, "")
  await release(host, { ...holder, steps, retry: true })
  expect(await readFile(file, "utf8")).toBe("tried\ntried\n")
  expect(await readdir(host.layout.rootDir)).toEqual([])
  host.close()
})

test("a host is given back without cleaning when that is what was asked", async () => {
  const host = await open()
  const holder = newHolder()
  await claimHost(host, holder)
  const steps = [step("exit 1")]
  await expect(release(host, { ...holder, steps })).rejects.toMatchObject({
    reason: "CleanupFailed",
  })
  await release(host, { ...holder, steps: [] })
  expect(await readdir(host.layout.rootDir)).toEqual([])
  host.close()
})

test("release ends a plan that is running, and all that it started in its session", async () => {
  const host = await open()
  const holder = newHolder()
  const content = commandPlan({
    hang: "trap '' TERM; sleep 600 & echo hanging; while :; do sleep 1; done",
  })
  await start(host, { ...holder, content })
  for await (const event of follow(host, holder)) if (event.type === "output") break
  expect((await processesOf(holder.claim)).length).toBeGreaterThan(2)
  await stop(host, holder)
  expect(await processesOf(holder.claim)).toEqual([])
  expect(await status(host, holder)).toMatchObject({
    state: "interrupted",
    failure: { step: "hang", detail: "was interrupted: stopped" },
  })
  await release(host, { ...holder, steps: [step("true")] })
  expect(await readdir(host.layout.rootDir)).toEqual([])
  host.close()
})

test("a release that was cut off is taken up where it was", async () => {
  const host = await open()
  const holder = newHolder()
  await claimHost(host, holder)
  const file = join(sshd.dir, randomHex(6))
  const steps = [step(`echo x >>${file}; while [ ! -e ${file}.go ]; do sleep 0.1; done`)]
  const aborter = new AbortController()
  const reason = new Error("the plane was stopped")
  const first = release(host, {
    ...holder,
    steps,
    signal: aborter.signal,
    onEvent: () => aborter.abort(reason),
  })
  await expect(first).rejects.toBe(reason)
  await writeFile(`${file}.go`, "")
  await release(host, { ...holder, steps })
  expect(await readFile(file, "utf8")).toBe("x\n")
  expect(await readdir(host.layout.rootDir)).toEqual([])
  host.close()
})
