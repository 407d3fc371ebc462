import type { Revision } from "../store.ts"

interface KeyRecord {
  readonly revision: Revision
  /** Undefined after a removal. */
  readonly sequence: number | undefined
}

/** Holds a writer to what it acknowledged in earlier lives. */
export class WriterLedger {
  readonly complaints: string[] = []
  acknowledged = 0
  #newest: Revision = 0
  #found = new Map<string, KeyRecord>()
  readonly #promised = new Map<string, KeyRecord>()

  /** Takes all lines of one life of the writer. */
  read(lines: readonly string[]): void {
    this.#found = new Map()
    for (const line of lines) this.#readLine(line)
  }

  #readLine(line: string): void {
    const [word, key = "", revisionText, sequenceText] = line.split(" ")
    const revision = Number(revisionText)
    const sequence = sequenceText === "removed" ? undefined : Number(sequenceText)
    if (word === "open") this.#opened(Number(key))
    else if (word === "torn") this.#complain(`${key} is torn at revision ${revision}`)
    else if (word === "has") this.#found.set(key, { revision, sequence })
    else if (word === "ready") this.#compare()
    else if (word === "ack") this.#promise(key, { revision, sequence })
    else this.#complain(`the writer said ${line}`)
  }

  #opened(revision: Revision): void {
    if (revision < this.#newest) this.#complain(`went back from ${this.#newest} to ${revision}`)
    this.#newest = Math.max(this.#newest, revision)
  }

  /** Newer than promised is what was on its way when the writer was killed. */
  #compare(): void {
    for (const [key, promised] of this.#promised) {
      const found = this.#found.get(key)
      if (found === undefined) {
        if (promised.sequence !== undefined && promised.sequence % 7 !== 6) {
          this.#complain(`${key} is lost, it was acknowledged at ${promised.revision}`)
        }
      } else if (found.revision < promised.revision) {
        this.#complain(`${key} is at ${found.revision}, it was at ${promised.revision}`)
      } else if (found.revision === promised.revision && found.sequence !== promised.sequence) {
        this.#complain(`${key} at ${found.revision} is not what was acknowledged`)
      }
    }
    for (const [key, found] of this.#found) this.#promised.set(key, found)
  }

  #promise(key: string, record: KeyRecord): void {
    this.acknowledged += 1
    if (record.revision <= (this.#promised.get(key)?.revision ?? 0)) {
      this.#complain(`${key} was written at ${record.revision}, which is not new`)
    }
    this.#newest = Math.max(this.#newest, record.revision)
    this.#promised.set(key, record)
  }

  #complain(complaint: string): void {
    this.complaints.push(complaint)
  }
}
