import { isObject } from "#base"
import { compareValues } from "./compare-values.ts"
import type { FieldConflict } from "./conflict.ts"
import { extractFieldSet } from "./extract-field-set.ts"
import { difference, type FieldSet, hasPath } from "./field-set.ts"
import { FieldTypeError } from "./field-type-error.ts"
import { validateTyped } from "./validate-typed.ts"
import type { TypedObject } from "./versions.ts"

/** Where `kubectl apply` without server-side apply keeps what it applied. */
export const lastAppliedAnnotation = "kubectl.kubernetes.io/last-applied-configuration"

/** The manager whose applies take over what it applied on the client's side before. */
export const kubectlManager = "kubectl"

const maxAnnotationBytes = 256 * 1024

function annotationsOf(object: unknown): Record<string, unknown> | undefined {
  const metadata = isObject(object) ? object["metadata"] : undefined
  const annotations = isObject(metadata) ? metadata["annotations"] : undefined
  return isObject(annotations) ? annotations : undefined
}

/**
 * The conflicts that remain when fields whose value still is what kubectl applied last do not
 * count.
 */
export function conflictsBeyondLastApplied(
  live: TypedObject,
  conflicts: readonly FieldConflict[],
): readonly FieldConflict[] {
  const applied = lastAppliedFields(live)
  return applied ? conflicts.filter(({ path }) => !hasPath(applied, path)) : conflicts
}

function lastAppliedFields(live: TypedObject): FieldSet | undefined {
  const text = annotationsOf(live.value)?.[lastAppliedAnnotation]
  if (typeof text !== "string" || text === "") return undefined
  const applied = parse(text)
  if (!isObject(applied) || applied["apiVersion"] !== live.apiVersion) return undefined
  try {
    validateTyped(live.type, applied)
    const { added, modified, removed } = compareValues(live.type, applied, live.value)
    const fields = extractFieldSet(live.type, applied)
    return difference(difference(difference(fields, modified), added), removed)
  } catch (error) {
    if (error instanceof FieldTypeError) return undefined
    throw error
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/**
 * The object with the annotation brought up to the configuration just applied, where it carries
 * one, so that a later client-side apply starts from the truth. Annotations that would grow too
 * large lose it.
 */
export function withLastApplied<T extends object>(object: T, config: object): T {
  const annotations = annotationsOf(object)
  if (!annotations?.[lastAppliedAnnotation]) return object
  const text = lastAppliedText(config)
  if (annotations[lastAppliedAnnotation] === text) return object
  const { [lastAppliedAnnotation]: _, ...others } = annotations
  const updated = { ...annotations, [lastAppliedAnnotation]: text }
  const metadata = (object as { readonly metadata: object }).metadata
  const kept = sizeOf(updated) > maxAnnotationBytes ? others : updated
  return { ...object, metadata: { ...metadata, annotations: kept } }
}

function sizeOf(annotations: Record<string, unknown>): number {
  const encoder = new TextEncoder()
  return Object.entries(annotations).reduce(
    (bytes, [name, value]) =>
      bytes + encoder.encode(name).length + encoder.encode(String(value)).length,
    0,
  )
}

function lastAppliedText(config: object): string {
  const annotations = annotationsOf(config)
  let applied = config
  if (annotations && lastAppliedAnnotation in annotations) {
    const { [lastAppliedAnnotation]: _, ...others } = annotations
    const metadata = (config as { readonly metadata: object }).metadata
    applied = { ...config, metadata: { ...metadata, annotations: others } }
  }
  return `${JSON.stringify(sortMembers(applied))}\n`.replaceAll(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.codePointAt(0)!.toString(16).padStart(4, "0")}`,
  )
}

/** With members in order of their names, as Go writes them. */
function sortMembers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortMembers)
  if (!isObject(value)) return value
  const names = Object.keys(value).sort()
  return Object.fromEntries(names.map((name) => [name, sortMembers(value[name])]))
}
