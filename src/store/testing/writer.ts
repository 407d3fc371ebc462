/**
 * A process that writes as fast as it can, made to be killed: `writer.ts FILE full|off
 * LARGEST_BYTES`.
 * It says in lines on standard output what it found (`has`, `torn`), and what was acknowledged
 * (`ack`), each line written before anything else happens.
 */
import { writeSync } from "node:fs"

import { silentLogger, systemClock } from "#base"

import { openSqliteStore } from "../sqlite.ts"
import { bytesOf, textOf } from "./store-context.ts"

const writers = 16

const [file = "", mode, largest] = process.argv.slice(2)
const synchronous = mode === "off" ? "off" : "full"
const largestBytes = Number(largest)

const store = await openSqliteStore({ file, clock: systemClock, log: silentLogger, synchronous })
say(`open ${await store.revision()}`)
const found = new Map<string, { sequence: number; revision: number }>()
for (const { key, value, revision } of (await store.list("")).entries) {
  const sequence = Number(/#(\d+)>/.exec(textOf(value) ?? "")?.[1])
  const isWhole = textOf(value) === valueOf(key, sequence)
  say(isWhole ? `has ${key} ${revision} ${sequence}` : `torn ${key} ${revision}`)
  found.set(key, { sequence, revision })
}
say("ready")
await Promise.all(Array.from({ length: writers }, async (_, index) => writeForEver(`key-${index}`)))

async function writeForEver(key: string): Promise<void> {
  let { sequence, revision } = found.get(key) ?? { sequence: 0, revision: 0 }
  for (;;) {
    sequence += 1
    if (sequence % 7 === 0 && revision > 0) {
      const removed = await store.delete(key, revision)
      say(`ack ${key} ${removed} removed`)
      revision = 0
    } else {
      revision = await store.put(key, bytesOf(valueOf(key, sequence)), revision)
      say(`ack ${key} ${revision} ${sequence}`)
    }
    if (sequence % 50 === 0) await store.compact(revision === 0 ? 1 : revision - 1)
  }
}

/**
 * Starts with a mark that a trace can be searched for; the rest shows whether all of it is there.
 */
function valueOf(key: string, sequence: number): string {
  const length = largestBytes === 0 ? 0 : (sequence * 7919) % largestBytes
  return `<${key}#${sequence}>${`${sequence},`.repeat(length).slice(0, length)}`
}

function say(line: string): void {
  let rest = Buffer.from(`${line}\n`)
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(1, rest))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error
    }
  }
}
