import { writeFile } from "node:fs/promises"
import { join } from "node:path"

import { randomHex } from "#base"
import { expect, test, vi } from "vitest"

import { follow, type FollowCursor, type FollowEvent } from "./follow-plan.ts"
import type { Host } from "./host.ts"
import { start } from "./start-plan.ts"
import { status } from "./plan-status.ts"
import { commandPlan, newHolder, outputOf, settle, TestSshd } from "./testing/index.ts"

// Real processes on a machine that may be busy with other tests.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

async function withSshd(use: (sshd: TestSshd, open: () => Promise<Host>) => Promise<void>) {
  const sshd = await TestSshd.start()
  const layout = { rootDir: join(sshd.dir, randomHex(6)), statePaths: [] }
  try {
    await use(sshd, () => sshd.connect({ layout, connectTimeoutMs: 120_000 }))
  } finally {
    await sshd.stop()
  }
}

test("a follower that loses its connection again and again misses and repeats nothing", async () => {
  await withSshd(async (_, open) => {
    const steps = Object.fromEntries(
      Array.from({ length: 6 }, (_, step) => [
        `step-${step}`,
        `for i in 1 2 3 4; do echo "${step}.$i"; sleep 0.2; done`,
      ]),
    )
    const content = commandPlan(steps)
    const holder = newHolder()
    const first = await open()
    await start(first, { ...holder, content })
    first.close()
    const events: FollowEvent[] = []
    let from: FollowCursor | undefined
    let cuts = 0
    for (;;) {
      const host = await open()
      try {
        for await (const event of follow(host, { ...holder, from })) {
          events.push(event)
          from = event.cursor
          if (events.length % 5 === 0 && cuts < 8) {
            cuts += 1
            host.close()
          }
        }
        host.close()
        break
      } catch (error) {
        expect(error).toMatchObject({ reason: "HostUnreachable" })
      }
    }
    expect(cuts).toBeGreaterThan(2)
    const names = Object.keys(steps)
    expect(
      events.flatMap((event) =>
        event.type === "journal" && "step" in event.event
          ? [`${event.event.type} ${event.event.step}`]
          : [],
      ),
    ).toEqual(names.flatMap((name) => [`started ${name}`, `finished ${name}`]))
    expect(outputOf(events)).toBe(
      names.flatMap((_, step) => [1, 2, 3, 4].map((i) => `${step}.${i}\n`)).join(""),
    )
  })
})

test("a plan goes on while nobody is connected and sshd is away", async () => {
  await withSshd(async (sshd, open) => {
    const holder = newHolder()
    const host = await open()
    const go = join(sshd.dir, "go")
    const content = commandPlan({
      wait: `while [ ! -e ${go} ]; do sleep 0.1; done`,
      end: "echo end",
    })
    await start(host, { ...holder, content })
    host.close()
    await sshd.pause()
    await writeFile(go, "")
    await sshd.resume()
    const again = await open()
    expect((await settle(again, holder)).status.state).toBe("succeeded")
    again.close()
  })
})

test("a follower that stops listening leaves the plan alone", async () => {
  await withSshd(async (sshd, open) => {
    const holder = newHolder()
    const host = await open()
    const go = join(sshd.dir, "go")
    const content = commandPlan({ wait: `echo hi; while [ ! -e ${go} ]; do sleep 0.1; done` })
    await start(host, { ...holder, content })
    for await (const event of follow(host, holder)) if (event.type === "output") break
    const aborter = new AbortController()
    const reason = new Error("enough")
    const following = Array.fromAsync(follow(host, { ...holder, signal: aborter.signal }))
    aborter.abort(reason)
    await expect(following).rejects.toBe(reason)
    expect((await status(host, holder)).state).toBe("running")
    await writeFile(go, "")
    expect((await settle(host, holder)).status.state).toBe("succeeded")
    host.close()
  })
})

test("a follower that falls behind goes on with a whole line", async () => {
  await withSshd(async (_, open) => {
    const host = await open()
    const holder = newHolder()
    const flood = "yes 'token abcdef.0123456789abcdef' | head -n 300000"
    await start(host, { ...holder, content: commandPlan({ flood }) })
    let skipped = 0
    const wrong = new Set<string>()
    for await (const event of follow(host, holder)) {
      if (event.type === "skipped") skipped += 1
      if (event.type !== "output") continue
      for (const line of event.text.split("\n")) {
        if (line !== "" && line !== "token abcdef.[redacted]") wrong.add(line)
      }
    }
    expect(skipped).toBeGreaterThan(0)
    expect([...wrong]).toEqual([])
    host.close()
  })
})

test("following a plan that is not there ends at once", async () => {
  await withSshd(async (_, open) => {
    const host = await open()
    expect(await settle(host, newHolder())).toMatchObject({
      events: [],
      status: { state: "absent" },
    })
    const from = { journalBytes: 0, output: "../../etc/passwd", outputBytes: 0 }
    const outside = Array.fromAsync(follow(host, { ...newHolder(), from }))
    await expect(outside).rejects.toThrow("is not an output")
    host.close()
  })
})
