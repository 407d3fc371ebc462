import type { Record } from "./record.ts"

/** Records by label value, for the labels that somebody has asked about. */
export class LabelIndex {
  readonly #byLabel = new Map<string, Map<string, Set<Record>>>()

  find(label: string, value: string, all: Iterable<Record>): readonly Record[] {
    let values = this.#byLabel.get(label)
    if (!values) {
      values = new Map()
      this.#byLabel.set(label, values)
      for (const record of all) addTo(values, record, label)
    }
    return [...(values.get(value) ?? [])]
  }

  add(record: Record): void {
    for (const [label, values] of this.#byLabel) addTo(values, record, label)
  }

  remove(record: Record): void {
    for (const [label, values] of this.#byLabel) {
      const value = record.labels?.[label]
      if (value === undefined) continue
      const records = values.get(value)
      records?.delete(record)
      if (records?.size === 0) values.delete(value)
    }
  }
}

function addTo(values: Map<string, Set<Record>>, record: Record, label: string): void {
  const value = record.labels?.[label]
  if (value === undefined) return
  const records = values.get(value)
  if (records) records.add(record)
  else values.set(value, new Set([record]))
}
