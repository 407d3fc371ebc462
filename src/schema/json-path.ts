import { isObject, unreachable } from "#base"
import { type PathStep, parsePath } from "./json-path-parser.ts"

/** A path into an object, ready to be followed again and again. */
export interface JsonPath {
  /** All values at the path; none when any part of it leads nowhere. */
  find(value: unknown): readonly unknown[]
}

type Step = (values: readonly unknown[]) => readonly unknown[]

/**
 * Prepares a JSONPath as print columns and scale paths write it: `.spec.replicas`,
 * `.metadata.labels['a\\.b']`, `.status.conditions[?(@.type=="Ready")].status`, `[*]`, `[0]`,
 * `[1:3]`, `..name`. Throws `JsonPathError` for anything else.
 */
export function compileJsonPath(text: string): JsonPath {
  const steps = parsePath(text).map(compileStep)
  return {
    find(value) {
      let values: readonly unknown[] = [value]
      for (const step of steps) {
        if (values.length === 0) return values
        values = step(values)
      }
      return values
    },
  }
}

/** The member names of a path without lists and filters; undefined for all other texts. */
export function fieldNamesOf(text: string): readonly string[] | undefined {
  let steps: readonly PathStep[]
  try {
    steps = parsePath(text)
  } catch {
    return undefined
  }
  const names = steps.map((step) => (step.kind === "field" ? step.name : undefined))
  return names.every((name) => name !== undefined) ? names : undefined
}

function compileStep(step: PathStep): Step {
  switch (step.kind) {
    case "field":
      return (values) => values.flatMap((value) => memberOf(value, step.name))
    case "wildcard":
      return (values) => values.flatMap(childrenOf)
    case "descent":
      return descendants
    case "slice":
      return sliceStep(step)
    case "union":
      return unionStep(step.branches)
    case "filter":
      return filterStep(step)
    default:
      return unreachable(step)
  }
}

function memberOf(value: unknown, name: string): readonly unknown[] {
  if (!isObject(value) || !Object.hasOwn(value, name) || value[name] === undefined) return []
  return [value[name]]
}

function childrenOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value as readonly unknown[]
  return isObject(value) ? Object.values(value) : []
}

/** Everything that has children, parents first. */
function descendants(values: readonly unknown[]): readonly unknown[] {
  const found: unknown[] = []
  const waiting = values.toReversed()
  while (waiting.length > 0) {
    const value = waiting.pop()
    const children = childrenOf(value)
    if (children.length === 0) continue
    found.push(value)
    for (let index = children.length - 1; index >= 0; index -= 1) waiting.push(children[index])
  }
  return found
}

function sliceStep({ from, to, step }: PathStep & { readonly kind: "slice" }): Step {
  return (values) =>
    values.flatMap((value) => {
      if (!Array.isArray(value)) return []
      const list = value as readonly unknown[]
      const start = positionOf(from ?? 0, list.length)
      // A lone index ends one after it: the end of `[-1]` is the end of the list.
      const end = to === "single" ? start + 1 : positionOf(to ?? list.length, list.length)
      if (start < 0 || end > list.length) return []
      return list.slice(start, end).filter((_, index) => index % step === 0)
    })
}

function positionOf(index: number, length: number): number {
  return index < 0 ? index + length : index
}

function unionStep(branches: readonly PathStep[]): Step {
  const steps = branches.map(compileStep)
  return (values) => steps.flatMap((step) => step(values))
}

function filterStep({ left, operator, right }: PathStep & { readonly kind: "filter" }): Step {
  const leftSteps = left.map(compileStep)
  const rightSteps = right.kind === "path" ? right.steps.map(compileStep) : []
  const follow = (item: unknown, steps: readonly Step[]): readonly unknown[] =>
    steps.reduce<readonly unknown[]>((values, step) => step(values), [item])
  const accepts = (item: unknown): boolean => {
    const lefts = follow(item, leftSteps)
    if (operator === "exists") return lefts.length > 0
    const rights = right.kind === "path" ? follow(item, rightSteps) : [right.value]
    return lefts.length === 1 && rights.length === 1 && compare(lefts[0], rights[0], operator)
  }
  return (values) =>
    values.flatMap((value) =>
      Array.isArray(value) ? (value as readonly unknown[]).filter(accepts) : [],
    )
}

function compare(left: unknown, right: unknown, operator: string): boolean {
  if (typeof left !== typeof right) return operator === "!="
  if (operator === "==") return left === right
  if (operator === "!=") return left !== right
  const ordered =
    (typeof left === "number" && typeof right === "number") ||
    (typeof left === "string" && typeof right === "string")
  if (!ordered) return false
  if (operator === "<") return left < right
  if (operator === "<=") return left <= right
  if (operator === ">") return left > right
  return left >= right
}
