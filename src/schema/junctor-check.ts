import { type Draft, draft, uncorrelated, type Validator } from "./draft.ts"
import type { SchemaNode } from "./node.ts"
import type { Check } from "./scalar-check.ts"
import type { Schema } from "./schema.ts"

type ValidatorOf = (node: SchemaNode) => Validator

/**
 * The checks of `anyOf`, `oneOf`, `allOf` and `not`; undefined when the schema has none of them.
 */
export function junctorCheck(
  node: SchemaNode,
  validatorOf: ValidatorOf,
): Check<unknown> | undefined {
  const { anyOf = [], oneOf = [], allOf = [], not } = node.schema
  const compile = (schemas: readonly Schema[]): readonly Validator[] =>
    schemas.map((schema) => validatorOf(node.nested(schema)))
  const checks: Check<unknown>[] = []
  if (anyOf.length > 0) checks.push(anyOfCheck(compile(anyOf)))
  if (oneOf.length > 0) checks.push(oneOfCheck(compile(oneOf)))
  if (allOf.length > 0) checks.push(allOfCheck(compile(allOf)))
  if (not) checks.push(notCheck(compile([not])))
  if (checks.length === 0) return undefined
  return (value, drafts) => {
    for (const check of checks) check(value, drafts)
  }
}

function anyOfCheck(branches: readonly Validator[]): Check<unknown> {
  return (value, drafts) => {
    let best: readonly Draft[] | undefined
    for (const branch of branches) {
      const found = outcome(branch, value)
      if (found.length === 0) return
      if (!best || found.length < best.length) best = found
    }
    drafts.push(whole("must validate at least one schema (anyOf)"), ...(best ?? []))
  }
}

function oneOfCheck(branches: readonly Validator[]): Check<unknown> {
  return (value, drafts) => {
    let best: readonly Draft[] | undefined
    let valid = 0
    for (const branch of branches) {
      const found = outcome(branch, value)
      if (found.length === 0) valid += 1
      else if (!best || found.length < best.length) best = found
    }
    if (valid === 1) return
    const count = valid === 0 ? "Found none valid" : `Found ${valid} valid alternatives`
    drafts.push(whole(`must validate one and only one schema (oneOf). ${count}`))
    if (valid === 0) drafts.push(...(best ?? []))
  }
}

function allOfCheck(branches: readonly Validator[]): Check<unknown> {
  return (value, drafts) => {
    let valid = 0
    for (const branch of branches) {
      const found = outcome(branch, value)
      if (found.length === 0) valid += 1
      else drafts.push(...found)
    }
    if (valid === branches.length) return
    drafts.push(
      whole(`must validate all the schemas (allOf)${valid === 0 ? ". None validated" : ""}`),
    )
  }
}

function notCheck(branches: readonly Validator[]): Check<unknown> {
  return (value, drafts) => {
    if (branches.every((branch) => outcome(branch, value).length === 0)) {
      drafts.push(whole("must not validate the schema (not)"))
    }
  }
}

/** A branch judges the whole value: what did not change is no reason to take the branch. */
function outcome(branch: Validator, value: unknown): readonly Draft[] {
  const drafts: Draft[] = []
  branch(value, uncorrelated, drafts)
  return drafts
}

function whole(detail: string): Draft {
  return draft("FieldValueInvalid", "", detail, "whole")
}
