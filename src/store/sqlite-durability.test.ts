import { spawnSync } from "node:child_process"
import { readFile, rm } from "node:fs/promises"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"

import { describe, expect, test } from "vitest"

import { RandomChoice } from "./testing/random-choice.ts"
import { makeTemporaryDirectory } from "./testing/sqlite-context.ts"
import { checkTrace } from "./testing/trace-check.ts"
import { WriterLedger } from "./testing/writer-ledger.ts"
import { bundleWriter, WriterProcess } from "./testing/writer-process.ts"

const chains = 2
const killsPerChain = 150
const isEverythingRequired = process.env["MOTHERSHIP_TEST_REQUIRE"] === "all"
const traced = "trace=fdatasync,fsync,pwrite64,write"
const isTraceable = spawnSync("strace", ["--version"]).status === 0

test.for(Array.from({ length: chains }, (_, index) => index + 1))(
  "a writer killed at random loses nothing it acknowledged, chain %i",
  { timeout: 300_000, concurrent: true },
  async (seed) => {
    const directory = await makeTemporaryDirectory()
    const random = new RandomChoice(seed)
    const ledger = new WriterLedger()
    const file = join(directory, "store.db")
    const script = await bundleWriter(join(directory, "bundle"))
    const options = { file, script, synchronous: "full", largestBytes: 20_000 } as const
    let deadBeforeReady = 0
    for (let kill = 0; kill < killsPerChain; kill += 1) {
      const writer = new WriterProcess(options)
      await writer.reach(random.oneIn(5) ? random.below(3) : 18 + random.below(400))
      await writer.kill()
      ledger.read(writer.lines)
      if (!writer.lines.includes("ready")) deadBeforeReady += 1
      expect(ledger.complaints).toEqual([])
    }
    const last = new WriterProcess(options)
    await last.reach(40)
    await last.kill()
    ledger.read(last.lines)
    expect(ledger.complaints).toEqual([])
    expect(ledger.acknowledged).toBeGreaterThan(killsPerChain * 20)
    expect(deadBeforeReady).toBeGreaterThan(0)
    expect(integrityOf(file)).toBe("ok")
    await rm(directory, { recursive: true })
  },
)

describe.skipIf(!isTraceable && !isEverythingRequired)(
  "under strace (apt-get install strace)",
  () => {
    const traceOf = async (synchronous: "full" | "off"): Promise<string> => {
      const directory = await makeTemporaryDirectory()
      const trace = join(directory, "trace")
      const writer = new WriterProcess({
        file: join(directory, "store.db"),
        synchronous,
        largestBytes: 0,
        under: ["strace", "-f", "-y", "-s", "8192", "-e", traced, "-e", "signal=none", "-o", trace],
      })
      await writer.reach(500)
      await writer.kill()
      const text = await readFile(trace, "utf8")
      await rm(directory, { recursive: true })
      return text
    }

    test("no write is acknowledged before a flush that covers it has returned", async () => {
      const { acknowledged, violations } = checkTrace(await traceOf("full"))
      expect(acknowledged).toBeGreaterThan(300)
      expect(violations).toEqual([])
    })

    test("after a flush that failed nothing is acknowledged any more, and nothing before is lost", async () => {
      const directory = await makeTemporaryDirectory()
      const file = join(directory, "store.db")
      const ledger = new WriterLedger()
      const options = { file, synchronous: "full", largestBytes: 1000 } as const
      const failing = ["strace", "-f", "-o", "/dev/null", "-e", "inject=fsync:error=EIO:when=60+"]
      const broken = new WriterProcess({ ...options, under: failing })
      await expect(broken.reach(1_000_000)).rejects.toThrow("the disk failed")
      ledger.read(broken.lines)
      expect(ledger.acknowledged).toBeGreaterThan(50)
      const sound = new WriterProcess(options)
      await sound.reach(100)
      await sound.kill()
      ledger.read(sound.lines)
      expect(ledger.complaints).toEqual([])
      await rm(directory, { recursive: true })
    })

    test("the same check finds every write of a store that does not flush", async () => {
      const { acknowledged, violations } = checkTrace(await traceOf("off"))
      expect(acknowledged).toBeGreaterThan(300)
      expect(violations).toHaveLength(acknowledged)
    })
  },
)

function integrityOf(file: string): unknown {
  const database = new DatabaseSync(file)
  const row = database.prepare("PRAGMA integrity_check").get()
  database.close()
  return row?.["integrity_check"]
}
