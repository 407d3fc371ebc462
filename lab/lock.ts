import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"

/**
 * Runs `body` while no other process holds the same lock file; one left by a dead process is taken
 * over.
 */
export async function withLock<T>(lock: string, body: () => Promise<T> | T): Promise<T> {
  mkdirSync(dirname(lock), { recursive: true })
  await acquire(lock)
  try {
    return await body()
  } finally {
    rmSync(lock, { force: true })
  }
}

async function acquire(lock: string): Promise<void> {
  const deadline = performance.now() + 120_000
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: "wx" })
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error
    }
    if (ownerIsGone(lock)) {
      rmSync(lock, { force: true })
      continue
    }
    if (performance.now() > deadline)
      throw new Error(`lock the lab: ${lock} is held by another process`)
    await sleep(50)
  }
}

function ownerIsGone(lock: string): boolean {
  try {
    const pid = Number(readFileSync(lock, "utf8"))
    if (pid === process.pid || pid === 0) return false
    process.kill(pid, 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH"
  }
}
