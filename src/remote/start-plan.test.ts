import { createHash, randomBytes } from "node:crypto"
import { existsSync } from "node:fs"
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises"
import { join } from "node:path"

import { afterAll, beforeAll, expect, test, vi } from "vitest"

import { claimHost } from "./claim-host.ts"
import { follow, type FollowEvent } from "./follow-plan.ts"
import type { Host } from "./host.ts"
import type { Plan, PlanFile } from "./plan.ts"
import { status } from "./plan-status.ts"
import { start } from "./start-plan.ts"
import { commandPlan, newHolder, outputOf, settle, TestSshd } from "./testing/index.ts"

// Real processes on a machine that may be busy with other tests.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

let sshd: TestSshd
let host: Host

beforeAll(async () => {
  sshd = await TestSshd.start()
  host = await sshd.connect()
})
afterAll(async () => {
  host.close()
  await sshd.stop()
})

/** A root directory of its own, so that one machine can play many hosts. */
function freshHost(): Promise<Host> {
  const name = randomBytes(6).toString("hex")
  const layout = {
    rootDir: join(sshd.dir, name),
    statePaths: [join(sshd.dir, name, "kubelet.conf")],
  }
  return sshd.connect({ layout, connectTimeoutMs: 120_000 })
}

async function runPlan(plan: Plan): ReturnType<typeof settle> {
  const fresh = await freshHost()
  const holder = newHolder()
  await start(fresh, { ...holder, content: plan })
  const result = await settle(fresh, holder)
  fresh.close()
  return result
}

test("a plan runs its steps in order, and leaves journal and output but no payload", async () => {
  const fresh = await freshHost()
  const holder = newHolder()
  expect(await status(fresh, holder)).toMatchObject({ state: "absent", steps: [] })
  const plan = {
    ...commandPlan(
      { first: "echo one; echo s3cret-value", second: "echo two >&2; pwd; umask" },
      { first: { title: "The first step" } },
    ),
    secrets: ["s3cret-value"],
  }
  const began = await start(fresh, { ...holder, content: plan })
  expect(began).toMatchObject({ outcome: "started", samePlan: true })
  const { status: after, events } = await settle(fresh, holder)
  expect(after).toMatchObject({
    state: "succeeded",
    currentStep: undefined,
    steps: [
      { name: "first", title: "The first step", state: "done", attempts: 1, exitCode: 0 },
      { name: "second", title: "second", state: "done", attempts: 1, finishedBy: "run" },
    ],
  })
  expect(events.flatMap((event) => (event.type === "journal" ? [event.event.type] : []))).toEqual([
    "begun",
    "started",
    "finished",
    "started",
    "finished",
    "ended",
  ])
  expect(outputOf(events)).toMatch(/^one\n(\[redacted\]|\*{12})\ntwo\n\/\n0022\n$/)
  const dir = join(fresh.layout.rootDir, holder.claim, "bootstrap")
  expect(await readdir(dir)).toEqual(expect.arrayContaining(["journal", "output", "steps.json"]))
  expect(await readdir(dir)).not.toContain("payload")
  expect(await readFile(join(dir, "output/first.1"), "utf8")).toBe("one\n************\n")
  expect((await stat(join(dir, "output/first.1"))).mode & 0o777).toBe(0o600)
  expect((await stat(fresh.layout.rootDir)).mode & 0o777).toBe(0o700)
  const again = await start(fresh, { ...holder, content: plan })
  expect(again).toMatchObject({ outcome: "standing", samePlan: true })
  const journal = (all: readonly FollowEvent[]) => all.filter(({ type }) => type === "journal")
  const later = await settle(fresh, holder)
  expect(journal(later.events)).toMatchObject(
    journal(events).map(({ type, cursor }) => ({
      type,
      cursor: { journalBytes: cursor.journalBytes },
    })),
  )
  expect(outputOf(later.events)).toBe("one\n************\ntwo\n/\n0022\n")
  fresh.close()
})

test("secrets in a line of megabytes are hidden in what is kept, whatever is in them", async () => {
  const fresh = await freshHost()
  const holder = newHolder()
  const secrets = ["s3cret-value", String.raw`a.b*c[d]e/f\g^h$i &'"`]
  const file = { path: join(sshd.dir, "said"), content: Buffer.from(secrets.join(" ")) }
  await writeFile(file.path, file.content)
  const flood = `yes "$(cat ${file.path}),a,b" | head -n 120000 | tr '\\n' ' '`
  await start(fresh, {
    ...holder,
    content: { ...commandPlan({ flood, quiet: "echo a.b" }), secrets },
  })
  expect((await settle(fresh, holder)).status.state).toBe("succeeded")
  const output = join(fresh.layout.rootDir, holder.claim, "bootstrap/output")
  const text = await readFile(join(output, "flood.1"), "utf8")
  expect(text).toHaveLength(120_000 * (file.content.length + ",a,b ".length))
  expect(text.replaceAll("*", "").slice(0, 14)).toBe(" ,a,b  ,a,b  ,")
  for (const secret of secrets) expect(text.includes(secret)).toBe(false)
  expect(await readFile(join(output, "quiet.1"), "utf8")).toBe("a.b\n")
  fresh.close()
})

test("of a claim's plans one runs at a time, and the other says so until it may", async () => {
  const fresh = await freshHost()
  const first = newHolder({ plan: "prepare" })
  const second = { ...first, plan: "bootstrap" }
  const gate = `${fresh.layout.rootDir}-gate`
  const waits = commandPlan({ wait: `until [ -e ${gate} ]; do sleep 0.1; done` })
  const content = commandPlan({ one: "echo one" })
  await start(fresh, { ...first, content: waits })
  await expect(start(fresh, { ...second, content })).rejects.toMatchObject({
    reason: "PlanState",
    message: expect.stringContaining("another plan of claim"),
  })
  await writeFile(gate, "")
  expect((await settle(fresh, first)).status.state).toBe("succeeded")
  await start(fresh, { ...second, content })
  const { status: after } = await settle(fresh, second)
  expect(after).toMatchObject({ state: "succeeded", steps: [{ name: "one", attempts: 1 }] })
  fresh.close()
})

test.skipIf(existsSync("/run/systemd/system"))(
  "a runner that is slow to begin is not taken for another plan's",
  async () => {
    const tools = join(sshd.dir, "slow-tools")
    const gate = join(sshd.dir, "slow-gate")
    await mkdir(tools)
    const setsid = `#!/bin/sh\nuntil [ -e ${gate} ]; do sleep 0.1; done\nexec /usr/bin/setsid "$@"\n`
    await writeFile(join(tools, "setsid"), setsid, { mode: 0o755 })
    const slow = await TestSshd.start({ config: [`SetEnv PATH=${tools}:/usr/bin:/bin`] })
    const layout = { rootDir: join(slow.dir, "root"), statePaths: [] }
    const fresh = await slow.connect({ layout, connectTimeoutMs: 120_000 })
    const holder = newHolder()
    const content = commandPlan({ one: `echo x >>${slow.dir}/ran` })
    await expect(start(fresh, { ...holder, content })).rejects.toMatchObject({
      reason: "HostTimeout",
      message: expect.stringContaining("its runner does not begin"),
    })
    await writeFile(gate, "")
    await start(fresh, { ...holder, content })
    expect((await settle(fresh, holder)).status.state).toBe("succeeded")
    expect(await readFile(join(slow.dir, "ran"), "utf8")).toBe("x\n")
    fresh.close()
    await slow.stop()
  },
)

test("a failing step stops the plan, shows its output without secrets, and is not run again", async () => {
  const fresh = await freshHost()
  const holder = newHolder()
  const plan = {
    ...commandPlan({
      join: "echo using abcdef.0123456789abcdef and hunter22; exit 4",
      never: "echo never",
    }),
    secrets: ["hunter22"],
  }
  await start(fresh, { ...holder, content: plan })
  const { status: after } = await settle(fresh, holder)
  expect(after).toMatchObject({
    state: "failed",
    currentStep: "join",
    failure: {
      step: "join",
      exitCode: 4,
      detail: "exited with code 4",
      outputTail: "using abcdef.[redacted] and [redacted]\n",
    },
  })
  const again = await start(fresh, { ...holder, content: plan })
  expect(again.outcome).toBe("standing")
  expect(again.status).toEqual(after)
  fresh.close()
})

test("a command that is a list gets its words as they are, and a string is a script", async () => {
  const words = ["printf", "<%s>", "a b", "$HOME", "it's", "*", "", "new\nline"]
  const { events } = await runPlan({
    version: 1,
    steps: [
      { name: "list", action: { kind: "command", command: words } },
      { name: "text", action: { kind: "command", command: "echo; x=1; echo $((x + 1)) | cat" } },
    ],
  })
  expect(outputOf(events)).toBe("<a b><$HOME><it's><*><><new\nline>\n2\n")
})

test("shared commands hand on directory and exported variables, others start afresh", async () => {
  const shared = (name: string, command: string) => ({
    name,
    action: { kind: "command" as const, command, shared: true },
  })
  const { events } = await runPlan({
    version: 1,
    steps: [
      shared("set", 'cd /usr/lib; export GREETING="it\'s\n$PWD"; plain=1'),
      { name: "other", action: { kind: "command", command: 'echo "${GREETING:-none} $PWD"' } },
      shared("get", 'echo "$GREETING $PWD ${plain:-none}"; exit 0'),
      shared("still", 'echo "$PWD"'),
    ],
  })
  expect(outputOf(events)).toBe("none /\nit's\n/usr/lib /usr/lib none\n/usr/lib\n")
})

test("a step that takes too long is ended and fails", async () => {
  const { status: after } = await runPlan(
    commandPlan({ slow: "echo begun; sleep 600" }, { slow: { timeoutSeconds: 1 } }),
  )
  expect(after).toMatchObject({ state: "failed", failure: { step: "slow", exitCode: 124 } })
  expect(after.failure?.outputTail).toContain("begun\n--- ended with code 124")
})

const everyByte = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))

test("files have every byte, modes, owners and odd paths; append appends; what is right stays", async () => {
  const dir = join(sshd.dir, "files it's\nodd")
  await mkdir(dir, { recursive: true })
  const linked = join(dir, "real")
  await writeFile(linked, "old")
  await writeFile(join(dir, "kept"), "same", { mode: 0o644 })
  const kept = await stat(join(dir, "kept"))
  const file = (
    name: string,
    content: Buffer | string,
    more: Partial<PlanFile> = {},
  ): PlanFile => ({
    path: join(dir, name),
    content: Buffer.from(content).toString("base64"),
    ...more,
  })
  const { status: after } = await runPlan({
    version: 1,
    steps: [
      {
        name: "link",
        action: { kind: "command", command: ["ln", "-s", linked, join(dir, "link")] },
      },
      {
        name: "files",
        action: {
          kind: "files",
          files: [
            file("bytes", everyByte, { mode: "0600" }),
            file("new/dir/run me", "#!/bin/sh\n", { mode: "0755", owner: "daemon:adm" }),
            file("link", "through the link"),
            file("kept", "same", { mode: "0640" }),
            file("log", "one\n", { append: true }),
            file("log", "two\n", { append: true }),
            file("$(touch pwned)`id`", ""),
          ],
        },
      },
    ],
  })
  expect(after.failure?.outputTail).toBeUndefined()
  expect(after.state).toBe("succeeded")
  expect(await readFile(join(dir, "bytes"))).toEqual(everyByte)
  expect(await readFile(linked, "utf8")).toBe("through the link")
  expect(await readFile(join(dir, "log"), "utf8")).toBe("one\ntwo\n")
  const modes = await host.run(
    'cd "$(cat)"; stat -c "%a %U:%G" bytes new new/dir "new/dir/run me" kept log',
    {
      stdin: dir,
      timeoutMs: 20_000,
    },
  )
  expect(modes.stdout).toBe(
    "600 root:root\n755 root:root\n755 root:root\n755 daemon:adm\n640 root:root\n644 root:root\n",
  )
  expect((await stat(join(dir, "kept"))).ino).toBe(kept.ino)
  expect(await readdir(dir)).toEqual(expect.arrayContaining(["$(touch pwned)`id`"]))
  expect((await readdir(dir)).filter((name) => name.startsWith(".mothership"))).toEqual([])
})

test("a file that cannot be written fails its step with the reason", async () => {
  const files = [{ path: sshd.dir, content: "" }]
  const { status: after } = await runPlan({
    version: 1,
    steps: [{ name: "files", action: { kind: "files", files } }],
  })
  expect(after.failure).toMatchObject({ step: "files", outputTail: `${sshd.dir} is a directory\n` })
})

test("artifacts are uploaded once, verified, installed, and kept where they are right", async () => {
  const fresh = await freshHost()
  const bytes = randomBytes(300_000)
  const sha256 = createHash("sha256").update(bytes).digest("hex")
  const target = join(sshd.dir, "artifacts", randomBytes(4).toString("hex"))
  const install: Plan = {
    version: 1,
    steps: [
      {
        name: "install",
        action: {
          kind: "install",
          artifacts: [
            { path: `${target}/kubelet`, sha256 },
            { path: `${target}/copy`, sha256, mode: "0600" },
          ],
        },
      },
    ],
  }
  const opened: string[] = []
  const openArtifact = async (digest: string) => {
    opened.push(digest)
    return { stream: [bytes] as unknown as AsyncIterable<Uint8Array>, sizeBytes: bytes.length }
  }
  const holder = newHolder()
  const progress: number[] = []
  const onUpload = ({ sentBytes }: { readonly sentBytes: number }): void => {
    progress.push(sentBytes)
  }
  await start(fresh, { ...holder, content: install, openArtifact, onUpload })
  const first = await settle(fresh, holder)
  expect(first.status.state).toBe("succeeded")
  expect(outputOf(first.events)).toBe(`installed ${target}/kubelet\ninstalled ${target}/copy\n`)
  expect(await readFile(`${target}/kubelet`)).toEqual(bytes)
  expect((await stat(`${target}/kubelet`)).mode & 0o777).toBe(0o755)
  expect((await stat(`${target}/copy`)).mode & 0o777).toBe(0o600)
  expect(opened).toEqual([sha256])
  expect(progress.at(-1)).toBe(bytes.length)
  const second = { ...holder, plan: "again" }
  await start(fresh, { ...second, content: install, openArtifact })
  expect(outputOf((await settle(fresh, second)).events)).toBe(
    `kept ${target}/kubelet\nkept ${target}/copy\n`,
  )
  expect(opened).toEqual([sha256])
  await writeFile(`${target}/kubelet`, "damaged")
  const wrong = { ...holder, plan: "wrong" }
  const openWrong = async () => ({
    stream: [Buffer.from("evil")] as unknown as AsyncIterable<Uint8Array>,
    sizeBytes: 4,
  })
  const refused = start(fresh, { ...wrong, content: install, openArtifact: openWrong })
  await expect(refused).rejects.toThrow(/sha256 is .*, not/)
  fresh.close()
})

test("of twenty claims at once exactly one takes the host, and the others name it", async () => {
  const fresh = await freshHost()
  const holders = Array.from({ length: 20 }, (_, index) =>
    newHolder({ holder: `machine ${index}` }),
  )
  const results = await Promise.allSettled(holders.map((holder) => claimHost(fresh, holder)))
  const winners = holders.filter((_, index) => results[index]?.status === "fulfilled")
  expect(winners).toHaveLength(1)
  const winner = winners[0]
  for (const result of results) {
    if (result.status === "fulfilled") continue
    expect(result.reason).toMatchObject({ reason: "HostInUse", owner: winner?.claim })
    expect(String(result.reason)).toContain(winner?.holder)
  }
  expect((await fresh.facts()).owner).toBe(winner?.claim)
  expect((await readdir(fresh.layout.rootDir)).sort()).toEqual([winner?.claim, "owner"].sort())
  fresh.close()
})

test("a host with kubelet state that nobody claimed is in use, and nothing is touched", async () => {
  const fresh = await freshHost()
  const path = fresh.layout.statePaths[0] ?? ""
  await mkdir(fresh.layout.rootDir)
  await writeFile(path, "somebody's")
  const before = await stat(fresh.layout.rootDir)
  const starting = start(fresh, { ...newHolder(), content: commandPlan({ step: "true" }) })
  await expect(starting).rejects.toMatchObject({
    reason: "HostInUse",
    owner: undefined,
    message: expect.stringContaining(path),
  })
  expect(await readdir(fresh.layout.rootDir)).toEqual(["kubelet.conf"])
  expect((await stat(fresh.layout.rootDir)).mtimeMs).toBe(before.mtimeMs)
  fresh.close()
})

test("our own claim is taken again although a kubelet runs there by now", async () => {
  const fresh = await freshHost()
  const holder = newHolder()
  await claimHost(fresh, holder)
  await writeFile(fresh.layout.statePaths[0] ?? "", "ours")
  await claimHost(fresh, holder)
  fresh.close()
})

test("an older epoch of a claim is refused, the same and a newer one are not", async () => {
  const fresh = await freshHost()
  const holder = newHolder({ epoch: 9 })
  await claimHost(fresh, holder)
  await claimHost(fresh, { ...holder, epoch: 10 })
  await claimHost(fresh, { ...holder, epoch: 10 })
  const content = commandPlan({ step: "true" })
  await expect(start(fresh, { ...holder, content })).rejects.toMatchObject({ reason: "StaleEpoch" })
  fresh.close()
})

test("a full disk ends the upload of a plan with a clear error", async () => {
  const fresh = await freshHost()
  const { rootDir } = fresh.layout
  const mount = `mkdir -p ${rootDir} && mount -t tmpfs -o size=128k tmpfs ${rootDir}`
  expect((await fresh.run(mount, { timeoutMs: 20_000 })).exitCode).toBe(0)
  try {
    const content = Buffer.alloc(1_000_000).toString("base64")
    const files = [{ path: "/nowhere/file", content }]
    const plan: Plan = { version: 1, steps: [{ name: "f", action: { kind: "files", files } }] }
    const starting = start(fresh, { ...newHolder(), content: plan })
    await expect(starting).rejects.toMatchObject({
      reason: "DiskFull",
      message: expect.stringContaining("No space left on device"),
    })
  } finally {
    await fresh.run(`umount ${rootDir}`, { timeoutMs: 20_000 })
    fresh.close()
  }
})

test("a flood of output neither fills the memory nor hides how the step ended", async () => {
  const fresh = await freshHost()
  const holder = newHolder()
  const flood = "head -c 100000000 /dev/zero | tr '\\0' 'x' | fold -w 99; echo the end; exit 1"
  await start(fresh, { ...holder, content: commandPlan({ flood }) })
  let received = 0
  let skipped = 0
  let highest = 0
  for await (const event of follow(fresh, holder)) {
    if (event.type === "output") received += event.text.length
    if (event.type === "skipped") skipped += event.sizeBytes
    highest = Math.max(highest, process.memoryUsage().arrayBuffers)
  }
  expect(received + skipped).toBe(100_000_000 + Math.floor(100_000_000 / 99) + "the end\n".length)
  expect(received).toBeLessThan(60_000_000)
  expect(highest).toBeLessThan(64_000_000)
  const after = await status(fresh, holder)
  expect(after.failure?.outputTail).toHaveLength(4096)
  expect(after.failure?.outputTail.endsWith("the end\n")).toBe(true)
  fresh.close()
})
