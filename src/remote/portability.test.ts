import { existsSync } from "node:fs"
import { mkdtemp, readFile, rm, symlink } from "node:fs/promises"
import { execFileSync } from "node:child_process"
import { tmpdir } from "node:os"
import { join } from "node:path"

import { expect, test, vi } from "vitest"

import type { Plan } from "./plan.ts"
import { release } from "./release-host.ts"
import { retry } from "./retry-plan.ts"
import { start } from "./start-plan.ts"
import { follow } from "./follow-plan.ts"
import { cutPower, newHolder, outputOf, settle, TestSshd } from "./testing/index.ts"

// Real processes on a machine that may be busy with other tests.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

/**
 * A directory in front of the search path where `sh`, and for busybox everything else, is another
 * one.
 */
async function toolbox(shell: string): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "mothership-tools-"))
  await symlink(shell, join(dir, "sh"))
  if (!shell.endsWith("busybox")) return dir
  const applets = execFileSync(shell, ["--list"], { encoding: "utf8" }).trim().split("\n")
  for (const applet of applets) if (applet !== "sh") await symlink(shell, join(dir, applet))
  return dir
}

const shells = ["/usr/bin/dash", "/usr/bin/bash", "/usr/bin/busybox"]

/**
 * A plan with a step of every kind, which hangs once, fails once, and ends in a step that is too
 * slow.
 */
function eventfulPlan(dir: string, target: string): Plan {
  return {
    version: 1,
    secrets: ["hunter22"],
    steps: [
      {
        name: "files",
        action: {
          kind: "files",
          files: [
            {
              path: target,
              content: Buffer.from("hunter22\n\0x").toString("base64"),
              mode: "0600",
            },
            { path: target, content: Buffer.from("more").toString("base64"), append: true },
          ],
        },
      },
      {
        name: "shared",
        action: { kind: "command", command: 'export A="x\ny\'z"; cd /usr', shared: true },
      },
      {
        name: "hang",
        action: {
          kind: "command",
          command: `echo "$A $PWD hunter22"; if [ ! -e ${dir}/once ]; then : >${dir}/once; sleep 600; fi`,
          shared: true,
        },
        check: "exit 2",
        recover: "echo recovering",
      },
      {
        name: "fails",
        action: { kind: "command", command: `echo failing; [ -e ${dir}/twice ]` },
      },
      { name: "slow", action: { kind: "command", command: "sleep 600" }, timeoutSeconds: 1 },
    ],
  }
}

test.each(shells.filter((shell) => existsSync(shell)))("plans run under %s", async (shell) => {
  const sshd = await TestSshd.start()
  const tools = await toolbox(shell)
  await sshd.pause()
  const own = await TestSshd.start({ config: [`SetEnv PATH=${tools}:/usr/bin:/bin`] })
  const host = await own.connect()
  const where = await host.run("readlink -f /proc/$$/exe", { timeoutMs: 20_000 })
  expect(where.stdout).toBe(`${shell}\n`)
  const holder = newHolder()
  const target = join(own.dir, "it's\na file")
  const plan = eventfulPlan(own.dir, target)
  await start(host, { ...holder, content: plan })
  for await (const event of follow(host, holder)) if (event.type === "output") break
  await cutPower(holder.claim)
  await start(host, { ...holder, content: plan })
  const said = "x\ny'z /usr [redacted]\n"
  const first = await settle(host, holder)
  expect(first.status).toMatchObject({ state: "failed", failure: { step: "fails", exitCode: 1 } })
  expect(outputOf(first.events)).toBe(
    `${said}--- check after an interruption\n--- recover\nrecovering\n${said}failing\n`,
  )
  expect(await readFile(target, "latin1")).toBe("hunter22\n\0xmore")
  await host.run(`: >${own.dir}/twice`, { timeoutMs: 20_000 })
  await retry(host, holder)
  const second = await settle(host, holder)
  expect(second.status).toMatchObject({ state: "failed", currentStep: "slow" })
  expect([124, 137, 143]).toContain(second.status.failure?.exitCode)
  await retry(host, { ...holder, markDone: "slow" })
  expect((await settle(host, holder)).status.state).toBe("succeeded")
  const output = join(host.layout.rootDir, holder.claim, "bootstrap/output/hang.2")
  expect(await readFile(output, "utf8")).toBe("x\ny'z /usr ********\n")
  const hang: Plan = {
    version: 1,
    steps: [{ name: "hang", action: { kind: "command", command: "echo; sleep 600" } }],
  }
  const other = { ...holder, plan: "other" }
  await start(host, { ...other, content: hang })
  for await (const event of follow(host, other)) if (event.type === "output") break
  await release(host, { ...holder, steps: [] })
  expect((await host.run(`ls ${host.layout.rootDir}`, { timeoutMs: 20_000 })).stdout).toBe("")
  expect((await host.facts()).cpus).toBeGreaterThan(0)
  host.close()
  await own.stop()
  await rm(tools, { recursive: true })
})
