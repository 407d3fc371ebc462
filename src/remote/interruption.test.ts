import { readdir, readFile, readlink, writeFile } from "node:fs/promises"
import { join } from "node:path"

import { randomHex } from "#base"
import { afterAll, beforeAll, expect, test, vi } from "vitest"

import { follow } from "./follow-plan.ts"
import type { Host } from "./host.ts"
import type { PlanStep } from "./plan.ts"
import type { ClaimHolder } from "./plan-address.ts"
import { status } from "./plan-status.ts"
import { retry } from "./retry-plan.ts"
import { start } from "./start-plan.ts"
import { commandPlan, cutPower, newHolder, outputOf, settle, TestSshd } from "./testing/index.ts"

// Real processes on a machine that may be busy with other tests.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

let sshd: TestSshd

beforeAll(async () => {
  sshd = await TestSshd.start()
})
afterAll(() => sshd.stop())

interface Scene {
  readonly host: Host
  readonly holder: ClaimHolder
  /** A directory for what steps leave behind. */
  readonly dir: string
  journal(): Promise<string[]>
}

async function scene(): Promise<Scene> {
  const dir = join(sshd.dir, randomHex(6))
  const host = await sshd.connect({
    layout: { rootDir: join(dir, "root"), statePaths: [] },
    connectTimeoutMs: 120_000,
  })
  await host.run(`mkdir -p ${dir}`, { timeoutMs: 20_000 })
  const holder = newHolder()
  const path = join(dir, "root", holder.claim, "bootstrap/journal")
  return {
    host,
    holder,
    dir,
    journal: async () => {
      const lines = (await readFile(path, "utf8")).trim().split("\n")
      return lines.map((line) =>
        line.replace(/ \d{4}-\S*Z/, "").replace(/ [0-9a-f-]{36}( 1)?$/, ""),
      )
    },
  }
}

/** Waits until the plan's output holds a text. */
async function sees(host: Host, holder: ClaimHolder, text: string): Promise<void> {
  let seen = ""
  for await (const event of follow(host, holder)) {
    if (event.type === "output") seen += event.text
    if (seen.includes(text)) return
  }
  throw new Error(`the plan ended without saying ${text}, it said: ${seen}`)
}

/** A first attempt that hangs until the power is cut; later ones succeed. */
function hangsOnce(dir: string): string {
  return `echo x >>${dir}/attempts; if [ ! -e ${dir}/once ]; then : >${dir}/once; echo hanging; sleep 600; fi; echo through`
}

async function interrupt(at: Scene, step: Partial<PlanStep>): Promise<void> {
  const { host, holder, dir } = at
  const content = commandPlan(
    { before: `echo b >>${dir}/before`, risky: hangsOnce(dir), after: "echo after" },
    { risky: step },
  )
  await start(host, { ...holder, content })
  await sees(host, holder, "hanging")
  await cutPower(holder.claim)
  expect(await status(host, holder)).toMatchObject({ state: "stopped", currentStep: "risky" })
  await start(host, { ...holder, content })
}

async function countLines(path: string): Promise<number> {
  return (await readFile(path, "utf8")).split("\n").length - 1
}

test("a check that says done lets the plan go on behind the step", async () => {
  const at = await scene()
  await interrupt(at, { check: "echo looks fine; exit 0" })
  const { status: after } = await settle(at.host, at.holder)
  expect(after.state).toBe("succeeded")
  expect(after.steps[1]).toMatchObject({ state: "done", attempts: 1, finishedBy: "check" })
  expect(await at.journal()).toMatchObject([
    expect.stringMatching(/^begun/),
    "started before 1",
    "finished before 1 0 run",
    "started risky 1",
    expect.stringMatching(/^begun/),
    "checked risky 1 done 0",
    "finished risky 1 0 check",
    "started after 1",
    "finished after 1 0 run",
    "ended",
  ])
  expect(await countLines(join(at.dir, "attempts"))).toBe(1)
  expect(await countLines(join(at.dir, "before"))).toBe(1)
  at.host.close()
})

test("a check that says absent runs the step again", async () => {
  const at = await scene()
  await interrupt(at, { check: "exit 1", recover: `echo no >${at.dir}/recovered` })
  const { status: after, events } = await settle(at.host, at.holder)
  expect(after.state).toBe("succeeded")
  expect(after.steps[1]).toMatchObject({ state: "done", attempts: 2, finishedBy: "run" })
  expect(outputOf(events)).toBe("hanging\n--- check after an interruption\nthrough\nafter\n")
  expect(await countLines(join(at.dir, "before"))).toBe(1)
  await expect(readFile(join(at.dir, "recovered"))).rejects.toThrow("ENOENT")
  at.host.close()
})

test("a check that says partial recovers first", async () => {
  const at = await scene()
  await interrupt(at, { check: "exit 2", recover: `echo yes | tee ${at.dir}/recovered` })
  const { status: after } = await settle(at.host, at.holder)
  expect(after.state).toBe("succeeded")
  expect((await at.journal()).slice(3)).toMatchObject([
    "started risky 1",
    expect.stringMatching(/^begun/),
    "checked risky 1 partial 2",
    "recovering risky 1",
    "recovered risky 1 0",
    "started risky 2",
    "finished risky 2 0 run",
    "started after 1",
    "finished after 1 0 run",
    "ended",
  ])
  expect(await countLines(join(at.dir, "recovered"))).toBe(1)
  at.host.close()
})

test.each([
  ["no check", {}, "no-check"],
  ["a check that cannot tell", { check: "echo cannot tell; exit 9" }, "check-failed"],
  ["a half done step without a recover", { check: "exit 2" }, "half-done"],
  ["a recover that fails", { check: "exit 2", recover: "exit 1" }, "recover-failed"],
])("%s stops the plan until a retry, which runs the step again", async (_what, step, cause) => {
  const at = await scene()
  await interrupt(at, step)
  const { status: stopped } = await settle(at.host, at.holder)
  expect(stopped).toMatchObject({
    state: "interrupted",
    currentStep: "risky",
    failure: { step: "risky", detail: `was interrupted: ${cause}` },
  })
  expect(stopped.failure?.outputTail).toMatch(/^hanging\n/)
  const content = commandPlan({ risky: "echo other" })
  expect(await start(at.host, { ...at.holder, content })).toMatchObject({
    outcome: "standing",
    samePlan: false,
  })
  await retry(at.host, at.holder)
  const { status: after } = await settle(at.host, at.holder)
  expect(after.state).toBe("succeeded")
  expect(after.steps.map(({ attempts }) => attempts)).toEqual([1, 2, 1])
  expect(await countLines(join(at.dir, "before"))).toBe(1)
  at.host.close()
})

test("a step that was marked done is not run again", async () => {
  const at = await scene()
  await interrupt(at, {})
  await settle(at.host, at.holder)
  await expect(retry(at.host, { ...at.holder, markDone: "after" })).rejects.toMatchObject({
    reason: "PlanState",
    message: expect.stringContaining("the plan stands at risky"),
  })
  await retry(at.host, { ...at.holder, markDone: "risky" })
  const { status: after } = await settle(at.host, at.holder)
  expect(after.state).toBe("succeeded")
  expect(after.steps[1]).toMatchObject({ attempts: 1, finishedBy: "marked" })
  expect(await countLines(join(at.dir, "attempts"))).toBe(1)
  at.host.close()
})

test("a retry from an earlier step runs that one and all behind it again", async () => {
  const at = await scene()
  const { host, holder, dir } = at
  const content = commandPlan({
    one: `echo 1 >>${dir}/ran`,
    two: `echo 2 >>${dir}/ran`,
    three: `echo 3 >>${dir}/ran; [ -e ${dir}/fixed ]`,
  })
  await start(host, { ...holder, content })
  expect((await settle(host, holder)).status.state).toBe("failed")
  await writeFile(join(dir, "fixed"), "")
  await expect(retry(host, { ...holder, from: "four" })).rejects.toThrow("it has no step four")
  await retry(host, { ...holder, from: "two" })
  const { status: after } = await settle(host, holder)
  expect(after.steps.map(({ attempts }) => attempts)).toEqual([1, 2, 2])
  expect(await readFile(join(dir, "ran"), "utf8")).toBe("1\n2\n3\n2\n3\n")
  await expect(retry(host, holder)).rejects.toMatchObject({
    reason: "PlanState",
    message: "retry plan: it is succeeded",
  })
  host.close()
})

test("starting again while the runner lives attaches, twenty times at once", async () => {
  const at = await scene()
  const { host, holder, dir } = at
  const content = commandPlan({
    slow: `echo x >>${dir}/ran; while [ ! -e ${dir}/go ]; do sleep 0.1; done`,
  })
  const results = await Promise.all(
    Array.from({ length: 20 }, () => start(host, { ...holder, content })),
  )
  expect(results.filter(({ outcome }) => outcome === "started").length).toBeLessThanOrEqual(1)
  expect(results.every(({ status }) => status.state === "running")).toBe(true)
  await writeFile(join(dir, "go"), "")
  expect((await settle(host, holder)).status.state).toBe("succeeded")
  expect(await countLines(join(dir, "ran"))).toBe(1)
  host.close()
})

test("a new runner waits for a step whose runner died, and takes its exit code", async () => {
  const at = await scene()
  const { host, holder, dir } = at
  const content = commandPlan({
    slow: `echo x >>${dir}/ran; echo waiting; while [ ! -e ${dir}/go ]; do sleep 0.1; done; echo survived`,
    next: "echo next",
  })
  await start(host, { ...holder, content })
  await sees(host, holder, "waiting")
  const runner = await readFile(join(dir, "root", holder.claim, "bootstrap/runner"), "utf8")
  process.kill(Number(runner.split(" ")[0]), "SIGKILL")
  const again = await start(host, { ...holder, content })
  expect(again).toMatchObject({ outcome: "started", status: { state: "running" } })
  await writeFile(join(dir, "go"), "")
  const { status: after, events } = await settle(host, holder)
  expect(after.state).toBe("succeeded")
  expect(after.steps[0]).toMatchObject({ attempts: 1, exitCode: 0, finishedBy: "run" })
  expect(outputOf(events)).toBe("waiting\nsurvived\nnext\n")
  expect(await countLines(join(dir, "ran"))).toBe(1)
  host.close()
})

/** Process ids of those who have a file open. */
async function openersOf(path: string): Promise<number[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name))
  const found = await Promise.all(
    pids.map(async (pid) => {
      const directory = join("/proc", pid, "fd")
      const names = await readdir(directory).catch(() => [])
      const links = names.map((name) => readlink(join(directory, name)).catch(() => ""))
      return (await Promise.all(links)).includes(path) ? [Number(pid)] : []
    }),
  )
  return found.flat()
}

test("a retry waits while what a killed runner left behind has its lock", async () => {
  const at = await scene()
  const { host, holder, dir } = at
  const gate = join(dir, "go")
  await interrupt(at, { check: `echo checking; until [ -e ${gate} ]; do sleep 0.1; done; exit 1` })
  await sees(host, holder, "checking")
  const runner = await readFile(join(dir, "root", holder.claim, "bootstrap/runner"), "utf8")
  process.kill(Number(runner.split(" ")[0]), "SIGKILL")
  const lock = join(dir, "root", holder.claim, "lock")
  await vi.waitUntil(async () => (await openersOf(lock)).length === 1, 60_000)
  expect((await status(host, holder)).state).toBe("stopped")

  const retrying = retry(host, holder)
  const waits = vi.waitUntil(async () => (await openersOf(lock)).length > 1, 60_000)
  await Promise.race([retrying, waits])
  await writeFile(gate, "")
  await retrying

  expect((await settle(host, holder)).status.state).toBe("succeeded")
  expect(await countLines(join(dir, "attempts"))).toBe(2)
  host.close()
})

test("what a step leaves running holds no lock and ends no plan", async () => {
  const at = await scene()
  const { host, holder, dir } = at
  const content = commandPlan({
    daemon: `sleep 600 >/dev/null 2>&1 & echo $! >${dir}/pid`,
    broken: `[ -e ${dir}/fixed ]`,
  })
  await start(host, { ...holder, content })
  expect((await settle(host, holder)).status).toMatchObject({
    state: "failed",
    currentStep: "broken",
  })
  await writeFile(join(dir, "fixed"), "")
  await retry(host, holder)
  expect((await settle(host, holder)).status.state).toBe("succeeded")
  process.kill(Number(await readFile(join(dir, "pid"), "utf8")), "SIGKILL")
  host.close()
})

test("files that were cut off are written again, and appended to once", async () => {
  const at = await scene()
  const { host, holder, dir } = at
  const target = join(dir, "log")
  await writeFile(target, "before\n")
  const line = Buffer.from("added\n").toString("base64")
  const content = {
    version: 1 as const,
    steps: [
      {
        name: "append",
        action: {
          kind: "files" as const,
          files: [
            { path: target, content: line, append: true },
            { path: join(dir, "fifo/file"), content: line },
          ],
        },
      },
    ],
  }
  // The second file cannot be written at first, so that the step ends between the two.
  await writeFile(join(dir, "fifo"), "in the way")
  await start(host, { ...holder, content })
  expect((await settle(host, holder)).status.state).toBe("failed")
  expect(await readFile(target, "utf8")).toBe("before\nadded\n")
  await host.run(`rm ${dir}/fifo; echo others >>${target}`, { timeoutMs: 20_000 })
  await retry(host, holder)
  expect((await settle(host, holder)).status.state).toBe("succeeded")
  expect(await readFile(target, "utf8")).toBe("before\nadded\nothers\n")
  expect(await readFile(join(dir, "fifo/file"), "utf8")).toBe("added\n")
  host.close()
})

test("a line that a crash cut short in the middle of a failure is no success", async () => {
  const at = await scene()
  const { host, holder, dir } = at
  const content = commandPlan({ one: `echo x >>${dir}/ran; exit 1`, two: `echo y >>${dir}/ran` })
  await start(host, { ...holder, content })
  await settle(host, holder)
  const path = join(dir, "root", holder.claim, "bootstrap/journal")
  const whole = await readFile(path, "utf8")
  await writeFile(
    path,
    whole.slice(0, whole.indexOf("finished one 1 1") + "finished one 1 ".length),
  )
  await start(host, { ...holder, content })
  const { status: after } = await settle(host, holder)
  expect(after).toMatchObject({ state: "failed", failure: { step: "one", exitCode: 1 } })
  expect(await readFile(join(dir, "ran"), "utf8")).toBe("x\n")
  host.close()
})

test("a last line that a crash cut short is written again", async () => {
  const at = await scene()
  const { host, holder, dir } = at
  const content = commandPlan({ one: `echo x >>${dir}/ran` })
  await start(host, { ...holder, content })
  await settle(host, holder)
  const path = join(dir, "root", holder.claim, "bootstrap/journal")
  const whole = await readFile(path, "utf8")
  await writeFile(path, whole.slice(0, whole.indexOf("ended ") + "ended 20".length))
  await start(host, { ...holder, content })
  expect((await settle(host, holder)).status.state).toBe("succeeded")
  expect(await countLines(join(dir, "ran"))).toBe(1)
  host.close()
})

test("a step that fills the disk is a full disk, and goes on once there is room", async () => {
  const at = await scene()
  const { host, holder, dir } = at
  const { rootDir } = host.layout
  const mount = `mkdir -p ${rootDir} && mount -t tmpfs -o size=512k tmpfs ${rootDir}`
  expect((await host.run(mount, { timeoutMs: 20_000 })).exitCode).toBe(0)
  try {
    const fill = `[ -e ${dir}/room ] || cat /dev/zero >${rootDir}/filling`
    const content = commandPlan({ fill, next: "echo next" }, { fill: { check: "exit 1" } })
    await start(host, { ...holder, content })
    expect((await settle(host, holder)).status.state).toBe("stopped")
    await expect(start(host, { ...holder, content })).rejects.toMatchObject({
      reason: "DiskFull",
      message: expect.stringContaining("No space left on device"),
    })
    await host.run(`rm ${rootDir}/filling; touch ${dir}/room`, { timeoutMs: 20_000 })
    await start(host, { ...holder, content })
    expect((await settle(host, holder)).status.state).toBe("succeeded")
  } finally {
    await host.run(`umount ${rootDir}`, { timeoutMs: 20_000 })
    host.close()
  }
})

test("a disk that becomes read-only is named, and the plan goes on once it is not", async () => {
  const at = await scene()
  const { host, holder, dir } = at
  const { rootDir } = host.layout
  const mount = `mkdir -p ${rootDir} && mount -t tmpfs tmpfs ${rootDir}`
  expect((await host.run(mount, { timeoutMs: 60_000 })).exitCode).toBe(0)
  try {
    const content = commandPlan(
      { one: `echo x >>${dir}/ran; echo waiting; until [ -e ${dir}/go ]; do sleep 0.1; done` },
      { one: { check: "exit 1" } },
    )
    await start(host, { ...holder, content })
    await sees(host, holder, "waiting")
    await cutPower(holder.claim)
    const remount = (how: string) =>
      host.run(`mount -o remount,${how} ${rootDir}`, { timeoutMs: 60_000 })
    expect((await remount("ro")).exitCode).toBe(0)
    await expect(start(host, { ...holder, content })).rejects.toMatchObject({
      reason: "HostOperationFailed",
      message: expect.stringContaining("Read-only file system"),
    })
    await remount("rw")
    await writeFile(join(dir, "go"), "")
    await start(host, { ...holder, content })
    expect((await settle(host, holder)).status.state).toBe("succeeded")
  } finally {
    await host.run(`umount ${rootDir}`, { timeoutMs: 60_000 })
    host.close()
  }
})

test("a journal line that a crash cut short is passed over", async () => {
  const at = await scene()
  const { host, holder, dir } = at
  const content = commandPlan({ one: `echo x >>${dir}/ran; [ -e ${dir}/fixed ]`, two: "echo two" })
  await start(host, { ...holder, content })
  await settle(host, holder)
  await writeFile(join(dir, "fixed"), "")
  const path = join(dir, "root", holder.claim, "bootstrap/journal")
  await writeFile(path, `${await readFile(path, "utf8")}started tw`)
  await retry(host, holder)
  expect((await settle(host, holder)).status.state).toBe("succeeded")
  host.close()
})

/** A host that we lose with its `count`th operation, before it is done or right after. */
function lostAfter(host: Host, count: number, done: boolean): Host {
  let left = count
  const lose = async <T>(operation: () => Promise<T>): Promise<T> => {
    left -= 1
    if (left < 0) throw new Error("we are dead")
    if (left > 0) return operation()
    if (done) await operation()
    throw new Error("we died here")
  }
  return {
    address: host.address,
    layout: host.layout,
    hostKeyFingerprint: host.hostKeyFingerprint,
    closed: host.closed,
    facts: () => lose(() => host.facts()),
    run: (...rest) => lose(() => host.run(...rest)),
    stream: (...rest) => lose(() => host.stream(...rest)),
    upload: (...rest) => lose(() => host.upload(...rest)),
    close: () => host.close(),
  }
}

test("wherever we die while a plan is started, starting it again runs each step once", async () => {
  const died: number[] = []
  for (let count = 1; count < 20; count += 1) {
    for (const done of [false, true]) {
      const at = await scene()
      const content = commandPlan({ one: `echo x >>${at.dir}/ran`, two: `echo y >>${at.dir}/ran` })
      const first = start(lostAfter(at.host, count, done), { ...at.holder, content })
      const lost = await first.then(
        () => false,
        (error: unknown) => String(error).includes("we died here"),
      )
      if (lost) died.push(count)
      const again = await start(at.host, { ...at.holder, content })
      expect(again.samePlan).toBe(true)
      expect((await settle(at.host, at.holder)).status.state).toBe("succeeded")
      expect(await readFile(join(at.dir, "ran"), "utf8")).toBe("x\ny\n")
      at.host.close()
      if (!lost) return expect(died).toEqual([1, 1, 2, 2, 3, 3, 4, 4])
    }
  }
})
