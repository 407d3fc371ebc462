import type { JsonObject } from "#base"
import type { Step } from "./comparison.ts"

/** Writes to one object, in order. */
export interface Sequence {
  readonly name: string
  readonly steps: readonly Step[]
}

export type Part = Readonly<Record<string, unknown>>

export function apply(
  manager: string,
  spec: Part,
  more: Partial<Step> & { body?: Part } = {},
): Step {
  const { body, ...options } = more
  return { verb: "apply", manager, body: { spec, ...body }, ...options }
}

export const forced = { force: true }
export const status = { subresource: "status", ownersOnly: true }

export function merge(manager: string, body: Part, more: Partial<Step> = {}): Step {
  return { verb: "merge", manager, body, ...more }
}

export function json(manager: string, ...body: Part[]): Step {
  return { verb: "json", manager, body }
}

export function create(manager: string, body: Part): Step {
  return { verb: "create", manager, body }
}

export function update(
  manager: string,
  edit: (object: JsonObject & { spec: JsonObject; metadata: JsonObject }) => Part,
): Step {
  return { verb: "update", manager, body: edit }
}

export const a = (more: Part = {}): Part => ({ name: "a", ...more })
export const b = (more: Part = {}): Part => ({ name: "b", ...more })

export function applyObject(manager: string, body: Part, more: Partial<Step> = {}): Step {
  return { verb: "apply", manager, body, ...more }
}

export function strategic(manager: string, body: Part): Step {
  return { verb: "strategic", manager, body }
}
