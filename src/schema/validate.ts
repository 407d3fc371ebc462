import { deepEqual, isObject } from "#base"
import {
  type Draft,
  draft,
  draftOf,
  finishDraft,
  leadByIndex,
  leadByKey,
  leadByName,
  uncorrelated,
  type Validator,
} from "./draft.ts"
import { keyValues } from "./equality.ts"
import {
  canonicalJson,
  type FieldError,
  invalidError,
  requiredError,
  sortFieldErrors,
  tooManyError,
  wholeObject,
} from "./field-error.ts"
import { junctorCheck } from "./junctor-check.ts"
import { listCheck } from "./list-check.ts"
import { exceedsNesting, maxNesting } from "./nesting.ts"
import type { SchemaNode } from "./node.ts"
import { checkResource } from "./resource-check.ts"
import { enumCheck, numberCheck, stringCheck, typeCheck } from "./scalar-check.ts"

type JsonRecord = Readonly<Record<string, unknown>>

/**
 * Past this many errors a list is not looked at further: nobody reads more, and they cost memory.
 */
const maxErrors = 1000

const noErrors: readonly FieldError[] = []

/** The validating functions of a schema's nodes, compiled when first needed. */
export class ValidatePass {
  readonly #root: SchemaNode
  readonly #rootIsResource: boolean

  constructor(root: SchemaNode, rootIsResource: boolean) {
    this.#root = root
    this.#rootIsResource = rootIsResource
  }

  /** Errors sorted by field; `path` is where the value itself stands, empty for a whole object. */
  run(value: unknown, old: unknown, path: string): readonly FieldError[] {
    if (exceedsNesting(value)) {
      const detail = `must not nest deeper than ${maxNesting} levels`
      return [invalidError(path === "" ? wholeObject : path, "", detail)]
    }
    const drafts = this.#drafts(value, old)
    if (drafts.length === 0) return noErrors
    return sortFieldErrors(drafts.map((item) => finishDraft(item, path)))
  }

  /** Old values cost comparisons, so they are looked at only once something is wrong. */
  #drafts(value: unknown, old: unknown): readonly Draft[] {
    const validate = this.#validatorOf(this.#root)
    const first: Draft[] = []
    validate(value, uncorrelated, first)
    if (first.length === 0 || old === undefined) return first
    const ratcheted: Draft[] = []
    validate(value, old, ratcheted)
    if (ratcheted.every((item) => item.check === "schema")) return ratcheted
    const before: Draft[] = []
    validate(old, uncorrelated, before)
    const brokenBefore = new Set(before.map((item) => item.check))
    return ratcheted.filter((item) => item.check === "schema" || !brokenBefore.has(item.check))
  }

  #validatorOf(node: SchemaNode): Validator {
    return (node.compiled.validate ??= this.#compile(node))
  }

  #compile(node: SchemaNode): Validator {
    const { schema } = node
    const ofType = typeCheck(schema)
    const ofJunctors = junctorCheck(node, (nested) => this.#validatorOf(nested))
    const ofString = stringCheck(schema)
    const ofNumber = numberCheck(schema)
    const ofEnum = enumCheck(schema)
    const ofList = this.#listValidator(node)
    const ofObject = this.#objectValidator(node)
    return (value, old, drafts) => {
      if (old !== uncorrelated && deepEqual(value, old)) return
      ofType?.(value, drafts)
      if (value !== null) {
        ofJunctors?.(value, drafts)
        if (typeof value === "string") ofString?.(value, drafts)
        else if (typeof value === "number") ofNumber?.(value, drafts)
        else if (Array.isArray(value)) ofList?.(value, old, drafts)
      }
      ofEnum?.(value, drafts)
      if (isObject(value)) ofObject?.(value, old, drafts)
    }
  }

  #listValidator(node: SchemaNode) {
    const { items, schema } = node
    const ofList = listCheck(schema)
    if (!items && !ofList) return undefined
    const keys =
      schema["x-kubernetes-list-type"] === "map" ? schema["x-kubernetes-list-map-keys"] : undefined
    return (list: readonly unknown[], old: unknown, drafts: Draft[]): void => {
      if (items) {
        const validate = this.#validatorOf(items)
        const oldOf = correlateItems(old, keys)
        for (let index = 0; index < list.length && drafts.length < maxErrors; index += 1) {
          const before = drafts.length
          validate(list[index], oldOf(list[index]), drafts)
          if (drafts.length > before) leadByIndex(drafts, before, index)
        }
      }
      ofList?.(list, drafts)
    }
  }

  #objectValidator(node: SchemaNode) {
    const { schema } = node
    const ofMembers = this.#memberValidator(node)
    const isEmbedded = node.embedded && !(node === this.#root && this.#rootIsResource)
    const required = schema.required ?? []
    const { minProperties = 0, maxProperties = Number.POSITIVE_INFINITY } = schema
    const counted = minProperties > 0 || schema.maxProperties !== undefined
    if (!ofMembers && !isEmbedded && required.length === 0 && !counted) return undefined
    return (object: JsonRecord, old: unknown, drafts: Draft[]): void => {
      if (counted) checkCount(object, { minProperties, maxProperties }, drafts)
      ofMembers?.(object, old, drafts)
      for (const name of required) {
        if (object[name] === undefined || !Object.hasOwn(object, name)) {
          drafts.push({ ...draftOf(requiredError("")), path: `.${name}` })
        }
      }
      if (isEmbedded) checkResource(object, drafts)
    }
  }

  #memberValidator(node: SchemaNode) {
    const { fields, additional, schema } = node
    const closed = schema.additionalProperties === false
    if (fields.size === 0 && !additional && !closed) return undefined
    return (object: JsonRecord, old: unknown, drafts: Draft[]): void => {
      for (const name of Object.keys(object)) {
        const member = object[name]
        if (member === undefined) continue
        const field = fields.get(name)
        const child = field ?? additional
        if (child) {
          const before = drafts.length
          this.#validatorOf(child)(member, oldMember(old, name), drafts)
          if (drafts.length > before) (field ? leadByName : leadByKey)(drafts, before, name)
        } else if (closed) {
          drafts.push(forbiddenMember(name))
        }
        if (drafts.length >= maxErrors) return
      }
    }
  }
}

function checkCount(
  object: JsonRecord,
  bounds: { readonly minProperties: number; readonly maxProperties: number },
  drafts: Draft[],
): void {
  const count = Object.keys(object).length
  if (count < bounds.minProperties) {
    const detail = `should have at least ${bounds.minProperties} properties`
    drafts.push(draft("FieldValueInvalid", count, detail, "body"))
  }
  if (count > bounds.maxProperties) {
    drafts.push(draftOf(tooManyError("", count, bounds.maxProperties)))
  }
}

function forbiddenMember(name: string): Draft {
  return {
    ...draft("FieldValueInvalid", name, "is a forbidden property", "body"),
    path: `.${name}`,
  }
}

function oldMember(old: unknown, name: string): unknown {
  if (old === uncorrelated || !isObject(old) || !Object.hasOwn(old, name)) return uncorrelated
  return old[name] === undefined ? uncorrelated : old[name]
}

/** Items of a list that merges by keys are matched by them; all others cannot be. */
function correlateItems(
  old: unknown,
  keys: readonly string[] | undefined,
): (item: unknown) => unknown {
  if (!keys || !Array.isArray(old)) return () => uncorrelated
  const byKey = new Map<string, unknown>()
  for (const item of old as readonly unknown[]) {
    const key = fullKeyOf(item, keys)
    if (key !== undefined && !byKey.has(key)) byKey.set(key, item)
  }
  return (item) => {
    const key = fullKeyOf(item, keys)
    return key !== undefined && byKey.has(key) ? byKey.get(key) : uncorrelated
  }
}

function fullKeyOf(item: unknown, keys: readonly string[]): string | undefined {
  const values = keyValues(item, keys)
  return Object.keys(values).length === keys.length ? canonicalJson(values) : undefined
}
