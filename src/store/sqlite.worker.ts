/**
 * The thread of one sqlite store: takes everything that waits, commits it at once, answers at once.
 */
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from "node:worker_threads"

import { assert, unreachable } from "#base"

import { SqliteDatabase, type Write } from "./sqlite-database.ts"
import { storeErrorOf, wireError } from "./sqlite-errors.ts"
import { SqliteLock } from "./sqlite-lock.ts"
import {
  type Answer,
  type Committed,
  type Inbound,
  type NumberedRequest,
  type Outbound,
  packEntries,
  type PackedEntries,
  type PackedHistory,
  type PackedWrites,
  type Page,
  type Request,
  type Results,
  unpackAny,
  unpackValues,
  type WorkerOptions,
} from "./sqlite-protocol.ts"
import type { Change, Entry } from "./store.ts"

class StoreThread {
  readonly #port: MessagePort
  readonly #file: string
  readonly #lock: SqliteLock
  readonly #database: SqliteDatabase
  #feeds = false

  constructor(port: MessagePort, options: WorkerOptions) {
    this.#port = port
    this.#file = options.file
    this.#lock = new SqliteLock(options.file)
    try {
      this.#database = SqliteDatabase.open(options)
    } catch (error) {
      this.#lock.release()
      throw error
    }
  }

  start(): void {
    this.#port.on("message", (first: Inbound) => this.#serve(this.#drain(first)))
    this.#send({ type: "opened", newest: this.#database.newest })
  }

  /** Everything that was sent while the last commit was on its way to the disk. */
  #drain(first: Inbound): Inbound[] {
    const messages = [first]
    for (;;) {
      const next = receiveMessageOnPort(this.#port)
      if (next === undefined) return messages
      messages.push(next.message as Inbound)
    }
  }

  /** Writes before requests: what a request reads is durable. */
  #serve(messages: readonly Inbound[]): void {
    this.#feeds = messages.some((message) => message.feeds)
    const writes = messages.flatMap((message) => message.writes ?? []).flatMap(unpackWrites)
    if (writes.length > 0) this.#commit(writes)
    const requests = messages.flatMap((message) => message.requests)
    if (requests.length === 0) return
    const transfer: ArrayBuffer[] = []
    const answers = requests.map((request) => this.#answer(request, transfer))
    this.#send({ type: "answers", answers }, transfer)
    if (requests.some(({ request }) => request.op === "close")) this.#port.close()
  }

  #commit(writes: readonly Write[]): void {
    const outcomes = this.#database.commit(writes)
    const failures: Committed["failures"][number][] = []
    const previousOf: number[] = []
    const before: Entry[] = []
    const revisions = outcomes.map((outcome, index) => {
      if ("error" in outcome) {
        failures.push({ index, error: wireError(outcome.error) })
        return 0
      }
      if (outcome.previous !== undefined && this.#feeds) {
        previousOf.push(index)
        before.push(outcome.previous)
      }
      return outcome.revision
    })
    const previous = this.#feeds ? packEntries(before) : undefined
    const message: Committed = {
      type: "committed",
      revisions,
      failures,
      newest: this.#database.newest,
      previousOf: this.#feeds ? previousOf : undefined,
      previous,
    }
    this.#send(message, previous === undefined ? [] : buffersOf(previous))
  }

  #answer({ id, request }: NumberedRequest, transfer: ArrayBuffer[]): Answer {
    try {
      return { id, result: this.#perform(request, transfer) }
    } catch (error) {
      return { id, error: wireError(storeErrorOf(request.op, this.#file, error)) }
    }
  }

  #perform(request: Request, transfer: ArrayBuffer[]): Results[Request["op"]] {
    const database = this.#database
    switch (request.op) {
      case "get":
        return database.get(request.key)
      case "list": {
        const page = database.list(request)
        const entries = packEntries(page.entries)
        transfer.push(...buffersOf(entries))
        return { ...page, entries } satisfies Page
      }
      case "history": {
        const { changes, progress } = database.history(request.after, request.limit)
        const history = packHistory(changes)
        transfer.push(...buffersOf(history.entries), ...buffersOf(history.previous))
        return { ...history, progress } satisfies PackedHistory
      }
      case "revision":
        return database.newest
      case "compact":
        database.compact(request.revision)
        return undefined
      case "purge":
        return database.purge()
      case "unpin":
        database.unpin(request.pin)
        return undefined
      case "import":
        database.import(unpackAny(request.entries))
        return undefined
      case "jump":
        database.jump(request.revision)
        return undefined
      case "close":
        database.close()
        this.#lock.release()
        return undefined
      default:
        return unreachable(request)
    }
  }

  #send(message: Outbound, transfer: ArrayBuffer[] = []): void {
    this.#port.postMessage(message, transfer)
  }
}

function unpackWrites(packed: PackedWrites): Write[] {
  const values = unpackValues(packed)
  return packed.keys.map((key, index) => ({
    key,
    value: values[index],
    expected: packed.expected[index] ?? 0,
  }))
}

function packHistory(changes: readonly Change[]): Omit<PackedHistory, "progress"> {
  const previous = changes.flatMap((change) => change.previous ?? [])
  return {
    entries: packEntries(
      changes.map(({ key, value, revision }) => ({ key, value, revision, createRevision: 0 })),
    ),
    previousOf: changes.flatMap((change, index) => (change.previous === undefined ? [] : index)),
    previous: packEntries(previous),
  }
}

function buffersOf({ values }: PackedEntries): ArrayBuffer[] {
  return values.length === 0 ? [] : [values.buffer]
}

assert(parentPort !== null, "the store's thread is started by the sqlite driver")
const port = parentPort
const options = workerData as WorkerOptions
try {
  new StoreThread(port, options).start()
} catch (error) {
  const failure = wireError(storeErrorOf("open", options.file, error))
  port.postMessage({ type: "failed", error: failure } satisfies Outbound)
}
