import { expect } from "vitest"

import { CompactedError, RevisionConflictError } from "../errors.ts"
import type { ListOptions, Revision, Store } from "../store.ts"
import { RandomChoice } from "./random-choice.ts"
import {
  bytesOf,
  type OpenStore,
  readable,
  readableChange,
  type StoreContext,
} from "./store-context.ts"
import { StoreModel } from "./store-model.ts"
import { WatchReader } from "./watch-reader.ts"

export interface ModelCheckOptions {
  /** The same seed does the same things. */
  readonly seed: number
  /** How many operations; 300 by default. */
  readonly steps?: number | undefined
}

interface Write {
  readonly key: string
  readonly value: Uint8Array | undefined
  readonly expected: Revision
}

const prefixes = ["", "a/", "a/1", "b/", "ü", "none"]
const keys = ["a", "a/1", "a/10", "a/2", "a0", "b/1", "b/2", "b/\0", "ü1", "ü\u{1f600}", "ü\uffee"]

/** Does random things to a store and to a naive model of it, and compares every answer. */
export async function modelCheck(open: OpenStore, options: ModelCheckOptions): Promise<void> {
  const context = await open()
  const run = new ModelRun(context, await context.store.revision(), options.seed)
  try {
    for (let step = 0; step < (options.steps ?? 300); step += 1) await run.step()
    await run.finish()
  } catch (error) {
    throw new Error(`model check with seed ${options.seed} failed`, { cause: error })
  } finally {
    await run.context.dispose()
  }
}

class ModelRun {
  context: StoreContext
  readonly #model: StoreModel
  readonly #random: RandomChoice
  readonly #first: Revision
  #feed: WatchReader

  constructor(context: StoreContext, first: Revision, seed: number) {
    this.context = context
    this.#first = first
    this.#model = new StoreModel(first)
    this.#random = new RandomChoice(seed)
    this.#feed = new WatchReader(context.store, "", first)
  }

  get #store(): Store {
    return this.context.store
  }

  async step(): Promise<void> {
    const dice = this.#random.below(100)
    if (dice < 55) await this.#write()
    else if (dice < 65) await this.#get()
    else if (dice < 85) await this.#list()
    else if (dice < 93) await this.#watch()
    else if (dice < 97) await this.#compact()
    else await this.#crash()
  }

  /** The watch that ran all the time must have told everything. */
  async finish(): Promise<void> {
    await this.#feed.reach(this.#model.newest)
    expect(this.#feed.changes.map(readableChange)).toEqual(
      this.#model.after("", this.#first).map(readableChange),
    )
    this.#feed.abort()
  }

  /**
   * One to eight writes at once; the model applies those that succeeded, in the order of revisions.
   */
  async #write(): Promise<void> {
    const writes = Array.from({ length: 1 + this.#random.below(8) }, () => this.#randomWrite())
    const before = this.#model.newest
    const outcomes = await Promise.allSettled(writes.map(async (write) => this.#send(write)))
    const done: { write: Write; revision: Revision }[] = []
    const failed: Write[] = []
    outcomes.forEach((outcome, index) => {
      const write = writes[index] as Write
      if (outcome.status === "fulfilled") done.push({ write, revision: outcome.value })
      else {
        expect(outcome.reason).toBeInstanceOf(RevisionConflictError)
        failed.push(write)
      }
    })
    for (const { write, revision } of done.sort((left, right) => left.revision - right.revision)) {
      expect(revision).toBeGreaterThan(this.#model.newest)
      expect(this.#model.get(write.key)?.revision ?? 0).toBe(write.expected)
      this.#model.apply(write, revision)
    }
    const touched = new Set(done.map(({ write }) => write.key))
    for (const { key, value, expected } of failed) {
      if (touched.has(key) || (value === undefined && expected === 0)) continue
      const past = this.#model.list(key, { atRevision: before }).entries
      expect(past.find((entry) => entry.key === key)?.revision ?? 0).not.toBe(expected)
    }
    expect(await this.#store.revision()).toBe(this.#model.newest)
  }

  async #send({ key, value, expected }: Write): Promise<Revision> {
    if (value === undefined) return this.#store.delete(key, expected)
    return this.#store.put(key, value, expected)
  }

  #randomWrite(): Write {
    const key = this.#random.of(keys)
    const right = this.#model.get(key)?.revision ?? 0
    const expected = this.#random.oneIn(8) ? this.#random.below(right + 3) : right
    const value = this.#random.oneIn(4)
      ? undefined
      : bytesOf(`${this.#random.below(1e9)}`.repeat(this.#random.below(30)))
    return { key, value, expected }
  }

  async #get(): Promise<void> {
    const key = this.#random.of(keys)
    expect(readable(await this.#store.get(key))).toEqual(readable(this.#model.get(key)))
  }

  async #list(): Promise<void> {
    const prefix = this.#random.of(prefixes)
    const options: ListOptions = {
      from: this.#random.oneIn(3) ? `${prefix}${this.#random.of(["", "1", "2", "\0"])}` : undefined,
      limit: this.#random.oneIn(2) ? this.#random.below(5) : undefined,
      atRevision: this.#random.oneIn(2) ? this.#randomRevision() : undefined,
    }
    const atRevision = options.atRevision ?? this.#model.newest
    const result = this.#store.list(prefix, options)
    if (atRevision < this.#model.compacted) {
      await expect(result).rejects.toThrow(CompactedError)
      return
    }
    const { entries, count, revision } = await result
    const expected = this.#model.list(prefix, options)
    expect(entries.map(readable)).toEqual(expected.entries.map(readable))
    expect(count).toBe(expected.count)
    expect(revision).toBe(atRevision)
  }

  async #watch(): Promise<void> {
    const prefix = this.#random.of(prefixes)
    const from = this.#randomRevision()
    const reader = new WatchReader(this.#store, prefix, from)
    if (from < this.#model.compacted) {
      await expect(reader.step()).rejects.toThrow(CompactedError)
      return
    }
    const changes = await reader.reach(this.#model.newest)
    expect(changes.map(readableChange)).toEqual(this.#model.after(prefix, from).map(readableChange))
    reader.abort()
  }

  async #compact(): Promise<void> {
    await this.#feed.reach(this.#model.newest)
    const revision = this.#randomRevision()
    await this.#store.compact(revision)
    this.#model.compacted = Math.max(this.#model.compacted, revision)
  }

  async #crash(): Promise<void> {
    if (this.context.crash === undefined) return
    await this.#feed.reach(this.#model.newest)
    this.#feed.abort()
    const crashed = this.context
    this.context = await this.context.crash()
    await crashed.dispose()
    expect(await this.#store.revision()).toBe(this.#model.newest)
    const { changes, progress } = this.#feed
    this.#feed = new WatchReader(this.#store, "", progress)
    this.#feed.changes.push(...changes)
  }

  #randomRevision(): Revision {
    const span = this.#model.newest - this.#first
    return this.#first + this.#random.below(span + 1)
  }
}
