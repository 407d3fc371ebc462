import { readFile } from "node:fs/promises"
import { createHash } from "node:crypto"
import { join } from "node:path"

import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"

import { silentLogger, systemClock } from "#base"
import {
  connect,
  follow,
  type FollowCursor,
  type FollowEvent,
  type Host,
  isSameMachine,
  type Plan,
  type PlanStep,
  release,
  start,
  status,
} from "#remote"
import { commandPlan, newHolder, outputOf, settle } from "#remote/testing"

import { imagePath } from "../../lab/images.ts"
import { createTestLab } from "../../lab/machines.ts"

const able = process.getuid?.() === 0 && imagePath("plain") !== undefined
const skipped = able ? "" : " (skipped: needs root and `npm run lab -- build`)"

describe.skipIf(!able)(`a real machine${skipped}`, () => {
  const lab = createTestLab()
  let privateKey = ""
  let address = ""

  async function open(user = "admin", fingerprint?: string): Promise<Host> {
    return connect({
      address: { address, port: 22, user, useSudo: true },
      credentials: { privateKey },
      hostKey: fingerprint ? { kind: "pinned", fingerprint } : { kind: "pin-on-first-contact" },
      clock: systemClock,
      log: silentLogger,
      connectTimeoutMs: 60_000,
    })
  }

  beforeAll(async () => {
    const [machine] = await lab.up({ machines: 1, image: "plain" })
    address = machine?.address ?? ""
    privateKey = await readFile(lab.sshKey, "utf8")
  }, 180_000)
  afterAll(() => lab.down(), 120_000)

  let holder = newHolder()
  afterEach(async () => {
    const host = await open()
    await release(host, { ...holder, steps: [] })
    host.close()
    holder = newHolder()
  }, 60_000)

  function journal(): Promise<string> {
    const path = `var/lib/mothership/${holder.claim}/bootstrap/journal`
    return readFile(join(lab.root("m1"), path), "utf8")
  }

  async function waitFor(host: Host, text: string): Promise<void> {
    for await (const event of follow(host, holder)) {
      if (event.type === "output" && event.text.includes(text)) return
    }
    throw new Error(`the plan ended without saying ${text}`)
  }

  test("says what it is, and that it is not this one", async () => {
    const host = await open()
    const facts = await host.facts()
    expect(facts).toMatchObject({ init: "systemd", operatingSystem: { id: "debian" } })
    expect(facts.addresses).toContain(address)
    expect(await isSameMachine(facts)).toBe(false)
    const [, key = ""] = lab.hostKey("m1").split(" ")
    const digest = createHash("sha256").update(Buffer.from(key, "base64")).digest("base64")
    expect(host.hostKeyFingerprint).toBe(`SHA256:${digest.replace(/=+$/, "")}`)
    host.close()
  }, 60_000)

  test("refuses users who cannot become root", async () => {
    await expect(open("nosudo")).rejects.toMatchObject({ reason: "SudoRequired" })
    await expect(open("nobody-here")).rejects.toMatchObject({ reason: "AuthenticationFailed" })
  }, 60_000)

  test("runs a plan in a unit of its own, which outlives sshd", async () => {
    const host = await open()
    const content = commandPlan({
      wait: "id -un; cat /proc/self/cgroup; while [ ! -e /run/go ]; do sleep 0.2; done; rm /run/go",
      daemon: "sleep 1000 >/dev/null 2>&1 & echo $! >/run/daemon.pid",
    })
    await start(host, { ...holder, content })
    const unit = `mothership-${holder.claim}.service`
    expect(await lab.run("m1", `systemctl is-active ${unit}`)).toBe("active\n")
    await lab.run("m1", "systemctl restart ssh; kill $(pgrep -u admin sshd); touch /run/go")
    await expect(Array.fromAsync(follow(host, holder))).rejects.toMatchObject({
      reason: "HostUnreachable",
    })
    const again = await open()
    const { status: after, events } = await settle(again, holder)
    expect(after.state).toBe("succeeded")
    expect(outputOf(events)).toMatch(/^root\n/)
    expect(outputOf(events)).toContain(unit)
    expect(await lab.run("m1", "kill -0 $(cat /run/daemon.pid) && echo alive")).toBe("alive\n")
    again.close()
  }, 90_000)

  const risky: Partial<PlanStep> = {
    check:
      "if [ -e /root/done ]; then exit 0; elif [ -e /root/half ]; then exit 2; else exit 1; fi",
    recover: "rm /root/half",
  }
  const riskyPlan: Plan = commandPlan(
    {
      before: "echo before >>/root/before",
      risky:
        "rm -f /root/done; if [ -e /root/half ]; then exit 7; fi; touch /root/half; sync; if [ ! -e /root/second ]; then touch /root/second; sync; echo half; while systemctl -q is-active ssh; do sleep 0.1; done; exit 1; fi; touch /root/done",
      after: "wc -l </root/before; rm /root/before /root/half /root/done /root/second",
    },
    { risky },
  )
  const recovered = [
    /^started before 1 /,
    /^finished before 1 0 .* run$/,
    /^started risky 1 /,
    /^begun /,
    /^checked risky 1 partial 2 /,
    /^recovering risky 1 /,
    /^recovered risky 1 0 /,
    /^started risky 2 /,
    /^finished risky 2 0 .* run$/,
  ]

  test.each([
    ["loses its power", () => lab.reboot("m1")],
    [
      "is shut down in good order",
      async () => {
        await lab.tryRun("m1", "systemctl poweroff", { timeoutMs: 30_000 })
        await expect.poll(() => lab.isRunning("m1"), { timeout: 60_000, interval: 200 }).toBe(false)
        await lab.reboot("m1")
      },
    ],
  ])(
    "recovers a step in which it %s",
    async (_how, goDown) => {
      const host = await open()
      await start(host, { ...holder, content: riskyPlan })
      const { bootId } = await host.facts()
      await waitFor(host, "half")
      await goDown()
      host.close()
      const again = await open()
      expect((await again.facts()).bootId).not.toBe(bootId)
      expect((await status(again, holder)).state).toBe("stopped")
      await start(again, { ...holder, content: riskyPlan })
      const { status: after, events } = await settle(again, holder)
      expect(after.state).toBe("succeeded")
      expect(outputOf(events).endsWith("1\n")).toBe(true)
      const lines = (await journal()).split("\n").slice(1, 1 + recovered.length)
      expect(lines).toEqual(recovered.map((pattern) => expect.stringMatching(pattern)))
      again.close()
    },
    180_000,
  )

  test("keeps working through a cut line, and nothing of its journal is lost", async () => {
    const host = await open()
    const content = commandPlan({
      one: "for i in 1 2 3; do echo one $i; sleep 0.3; done; while [ ! -e /run/go ]; do sleep 0.2; done",
      two: "echo two; rm /run/go",
    })
    await start(host, { ...holder, content })
    const events: FollowEvent[] = []
    let from: FollowCursor | undefined
    const following = (async () => {
      for await (const event of follow(host, holder)) {
        events.push(event)
        from = event.cursor
        if (event.type === "output" && event.text.includes("one 2")) await lab.cut("m1")
      }
    })()
    await expect(following).rejects.toMatchObject({ reason: "HostUnreachable" })
    await expect(
      connect({
        address: { address, port: 22, user: "root", useSudo: false },
        credentials: { privateKey },
        hostKey: { kind: "pin-on-first-contact" },
        clock: systemClock,
        log: silentLogger,
        connectTimeoutMs: 500,
      }),
    ).rejects.toMatchObject({ reason: "HostUnreachable" })
    await lab.heal("m1")
    await lab.run("m1", "touch /run/go")
    const again = await open()
    for await (const event of follow(again, { ...holder, from })) events.push(event)
    expect((await status(again, holder)).state).toBe("succeeded")
    expect(outputOf(events)).toBe("one 1\none 2\none 3\ntwo\n")
    expect(events.flatMap((event) => (event.type === "journal" ? [event.event.type] : []))).toEqual(
      ["begun", "started", "finished", "started", "finished", "ended"],
    )
    again.close()
  }, 120_000)

  test("is not spoken to when it shows another key", async () => {
    const host = await open()
    host.close()
    const { hostKeyFingerprint } = host
    await lab.changeHostKey("m1")
    await expect(open("admin", hostKeyFingerprint)).rejects.toMatchObject({
      reason: "HostKeyChanged",
      expected: hostKeyFingerprint,
    })
  }, 60_000)
})
