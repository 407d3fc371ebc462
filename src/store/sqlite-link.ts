import { Worker } from "node:worker_threads"

import { messageOf } from "#base"

import { StoreError } from "./errors.ts"
import { unwireError } from "./sqlite-errors.ts"
import {
  type Answers,
  type Committed,
  type Inbound,
  type NumberedRequest,
  type Outbound,
  packValues,
  type Request,
  type Results,
  type WorkerOptions,
} from "./sqlite-protocol.ts"
import type { Revision } from "./store.ts"

/** A write on its way to the disk. */
export interface PendingWrite {
  readonly key: string
  /** Undefined for a delete. */
  readonly value: Uint8Array | undefined
  readonly expected: Revision
}

interface Waiting<T> {
  readonly resolve: (result: T) => void
  readonly reject: (error: StoreError) => void
}

type Answered = (result: Results[Request["op"]]) => void
type Unanswered = PendingWrite & Waiting<Revision>

/** So many writes are worth a message of their own while a commit is under way. */
const batchMin = 16

export type OnCommit = (writes: readonly PendingWrite[], committed: Committed) => void

/**
 * The main thread's end of a store thread. What is asked in one turn goes over in one message. The
 * thread is `sqlite.worker.ts` beside this file; a bundle has to hold it as an entry point of its
 * own, `sqlite.worker.js`, beside the bundle that this file ends up in.
 */
export class SqliteLink {
  /** Whether commits are to carry what a watch needs. */
  feeds = false
  readonly #opened = Promise.withResolvers<Revision>()
  #newest: Revision = 0
  readonly #file: string
  readonly #worker: Worker
  #writes: Unanswered[] = []
  #requests: NumberedRequest[] = []
  readonly #sent: Unanswered[] = []
  readonly #asked = new Map<number, Waiting<Results[Request["op"]]>>()
  #lastId = 0
  #scheduled = false
  #closing: Promise<void> | undefined
  #failure: StoreError | undefined
  #onCommit: OnCommit = () => {}
  #onFailure: (error: StoreError) => void = () => {}

  /** Starts the thread, which takes the file's lock and opens it. Errors: `StoreError`. */
  static async open(options: WorkerOptions): Promise<SqliteLink> {
    const link = new SqliteLink(options)
    link.#newest = await link.#opened.promise
    return link
  }

  private constructor(options: WorkerOptions) {
    const extension = import.meta.url.endsWith(".ts") ? "ts" : "js"
    const script = new URL(`./sqlite.worker.${extension}`, import.meta.url)
    this.#file = options.file
    this.#worker = new Worker(script, { workerData: options, name: "store" })
    this.#worker.on("message", (message: Outbound) => this.#receive(message))
    this.#worker.on("error", (error) => this.#fail(`its thread failed: ${messageOf(error)}`))
    this.#worker.on("exit", () => this.#fail("its thread ended"))
  }

  /** The newest revision when the file was opened. */
  get newest(): Revision {
    return this.#newest
  }

  /** Who is told of every commit, before the writers are, and of the end of the thread. */
  listen(onCommit: OnCommit, onFailure: (error: StoreError) => void): void {
    this.#onCommit = onCommit
    this.#onFailure = onFailure
  }

  /** Resolves with the write's revision once it is durable. */
  write(write: PendingWrite): Promise<Revision> {
    return new Promise((resolve, reject) => {
      if (!this.#isOpen(reject)) return
      this.#writes.push({ ...write, resolve, reject })
      this.#schedule()
    })
  }

  ask<R extends Request>(request: R): Promise<Results[R["op"]]> {
    return new Promise((resolve, reject) => {
      if (!this.#isOpen(reject)) return
      this.#lastId += 1
      this.#asked.set(this.#lastId, { resolve: resolve as Answered, reject })
      this.#requests.push({ id: this.#lastId, request })
      this.#schedule()
    })
  }

  /** Waits for everything that was asked before, then closes the file and ends the thread. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    if (this.#failure !== undefined) return
    const exited = new Promise((resolve) => this.#worker.once("exit", resolve))
    const closed = this.ask({ op: "close" })
    this.#failure = new StoreError("use store: it was closed")
    try {
      await closed
    } finally {
      await exited
    }
  }

  #isOpen(reject: (error: StoreError) => void): boolean {
    if (this.#failure !== undefined) reject(this.#failure)
    return this.#failure === undefined
  }

  /**
   * Writes wait for the commit that is under way, so that they share the next one; a number of them
   * go ahead, so that the thread has work while this one does its own.
   */
  #schedule(): void {
    const busy = this.#sent.length > 0
    const few = this.#requests.length === 0 && this.#writes.length < batchMin
    if (this.#scheduled || (busy && few)) return
    this.#scheduled = true
    queueMicrotask(() => this.#flush())
  }

  #flush(): void {
    this.#scheduled = false
    const writes = this.#writes
    const requests = this.#requests
    this.#writes = []
    this.#requests = []
    if (writes.length === 0) {
      this.#worker.postMessage({ feeds: this.feeds, writes: undefined, requests } satisfies Inbound)
      return
    }
    const { lengths, values } = packValues(writes.map((write) => write.value))
    const packed = {
      keys: writes.map((write) => write.key),
      expected: writes.map((write) => write.expected),
      lengths,
      values,
    }
    this.#sent.push(...writes)
    const transfer = values.length === 0 ? [] : [values.buffer]
    this.#worker.postMessage(
      { feeds: this.feeds, writes: packed, requests } satisfies Inbound,
      transfer,
    )
  }

  #receive(message: Outbound): void {
    if (message.type === "committed") this.#committed(message)
    else if (message.type === "answers") this.#answered(message)
    else if (message.type === "opened") this.#opened.resolve(message.newest)
    else this.#opened.reject(unwireError(message.error))
  }

  #committed(message: Committed): void {
    const writes = this.#sent.splice(0, message.revisions.length)
    if (this.#writes.length > 0) this.#flush()
    this.#onCommit(writes, message)
    for (const { index, error } of message.failures) writes[index]?.reject(unwireError(error))
    message.revisions.forEach((revision, index) => {
      if (revision > 0) writes[index]?.resolve(revision)
    })
  }

  #answered({ answers }: Answers): void {
    for (const { id, result, error } of answers) {
      const waiting = this.#asked.get(id)
      this.#asked.delete(id)
      if (error === undefined) waiting?.resolve(result)
      else waiting?.reject(unwireError(error))
    }
  }

  #fail(reason: string): void {
    this.#failure ??= new StoreError(`use ${this.#file}: ${reason}`)
    const failure = this.#failure
    const waiting = [...this.#sent.splice(0), ...this.#writes.splice(0), ...this.#asked.values()]
    this.#asked.clear()
    for (const { reject } of waiting) reject(failure)
    this.#opened.reject(failure)
    this.#onFailure(failure)
  }
}
