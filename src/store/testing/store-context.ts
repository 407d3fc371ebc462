import type { Change, Entry, Revision, Store } from "../store.ts"

/** One open store of the driver under test. */
export interface StoreContext {
  readonly store: Store
  /**
   * The store and its watches are in this process, so that the order of answers can be promised.
   */
  readonly local: boolean
  /**
   * Abandons the store as a crash would, and opens what is left on disk; absent when nothing can
   * be.
   */
  readonly crash?: (() => Promise<StoreContext>) | undefined
  /** Closes the store and removes what it left. */
  dispose(): Promise<void>
}

export type OpenStore = () => Promise<StoreContext>

type StoreCase = (context: StoreContext) => Promise<void>

/** The cases of one part of the contract by title. */
export type StoreCases = Readonly<Record<string, StoreCase>>

const encoder = new TextEncoder()
const decoder = new TextDecoder()

export function bytesOf(text: string): Uint8Array {
  return encoder.encode(text)
}

export function textOf(bytes: Uint8Array | undefined): string | undefined {
  return bytes && decoder.decode(bytes)
}

/** An entry with its value as text, so that a failed comparison can be read. */
export function readable(entry: Entry | undefined): object | undefined {
  return entry && { ...entry, value: textOf(entry.value) }
}

export function readableChange(change: Change): object {
  return { ...change, value: textOf(change.value), previous: readable(change.previous) }
}

/** Writes `key = value` whatever is there now. */
export async function overwrite(store: Store, key: string, value: string): Promise<Revision> {
  const current = await store.get(key)
  return store.put(key, bytesOf(value), current?.revision ?? 0)
}

/** Creates the keys one after another, each with its own name as value; answers their revisions. */
export async function createAll(store: Store, keys: readonly string[]): Promise<Revision[]> {
  const revisions: Revision[] = []
  for (const key of keys) revisions.push(await store.put(key, bytesOf(key), 0))
  return revisions
}
