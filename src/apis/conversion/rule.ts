import { isObject } from "#base"
import type { VersionResolver } from "#meta"
import { type Draft, putAt, takeAt, valueAt } from "./path.ts"

/** What a conversion knows besides the value in hand. */
export interface ConversionContext {
  readonly resolve: VersionResolver
  /** Namespace of the object: old references carry it. */
  readonly namespace: string | undefined
}

export type Direction = "toHub" | "fromHub"

/** Converts one value both ways; undefined leaves the field out. */
export interface Codec {
  readonly toHub: (value: unknown, context: ConversionContext) => unknown
  readonly fromHub: (value: unknown, context: ConversionContext) => unknown
}

/**
 * One difference between an older version and the hub. A version's rules are a list: all values
 * are taken from where they were before any is put where it belongs, so that two fields can swap
 * names. What no rule mentions is the same in both.
 */
export type Rule =
  | { readonly kind: "move"; readonly old: string; readonly hub: string; readonly codec?: Codec }
  | { readonly kind: "oldOnly"; readonly path: string }
  | { readonly kind: "hubOnly"; readonly path: string }
  | { readonly kind: "within"; readonly path: string; readonly rules: readonly Rule[] }
  | { readonly kind: "adjust"; readonly direction: Direction; readonly change: Change }

/** Changes a draft in place after all moves. */
export type Change = (draft: Draft) => void

/** The field has another place or another form. */
export function move(old: string, hub: string, codec?: Codec): Rule {
  return { kind: "move", old, hub, ...(codec ? { codec } : {}) }
}

/** The field has the same place and another form. */
export function recode(path: string, codec: Codec): Rule {
  return move(path, path, codec)
}

/** The field does not exist in the hub and is lost there. */
export function oldOnly(path: string): Rule {
  return { kind: "oldOnly", path }
}

/** The field does not exist in the older version; only the conversion annotation keeps it. */
export function hubOnly(path: string): Rule {
  return { kind: "hubOnly", path }
}

/** The rules hold inside an object, or inside every object of a list, that both versions have. */
export function within(path: string, rules: readonly Rule[]): Rule {
  return { kind: "within", path, rules }
}

/** What only one direction does. */
export function adjust(direction: Direction, change: Change): Rule {
  return { kind: "adjust", direction, change }
}

/** Applies rules to a draft in place. */
export function applyRules(
  draft: Draft,
  rules: readonly Rule[],
  direction: Direction,
  context: ConversionContext,
): void {
  const moved: { readonly path: string; readonly value: unknown }[] = []
  for (const rule of rules) {
    if (rule.kind === "within") {
      applyWithin(valueAt(draft, rule.path), rule.rules, direction, context)
    }
    if (rule.kind !== "move") continue
    const [from, to] = direction === "toHub" ? [rule.old, rule.hub] : [rule.hub, rule.old]
    const taken = takeAt(draft, from)
    if (taken === undefined) continue
    const value = rule.codec ? rule.codec[direction](taken, context) : taken
    if (value !== undefined) moved.push({ path: to, value })
  }
  const absent = direction === "toHub" ? "oldOnly" : "hubOnly"
  for (const rule of rules) if (rule.kind === absent) takeAt(draft, rule.path)
  for (const { path, value } of moved) putAt(draft, path, value)
  for (const rule of rules) {
    if (rule.kind === "adjust" && rule.direction === direction) rule.change(draft)
  }
}

function applyWithin(
  value: unknown,
  rules: readonly Rule[],
  direction: Direction,
  context: ConversionContext,
): void {
  for (const item of Array.isArray(value) ? value : [value]) {
    if (isObject(item)) applyRules(item, rules, direction, context)
  }
}

/** A list whose items differ by rules; for lists that are moved. */
export function itemsCodec(rules: readonly Rule[]): Codec {
  const convert = (direction: Direction) => (value: unknown, context: ConversionContext) => {
    applyWithin(value, rules, direction, context)
    return value
  }
  return { toHub: convert("toHub"), fromHub: convert("fromHub") }
}
