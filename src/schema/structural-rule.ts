import { type FieldError, invalidError, notSupportedError, requiredError } from "./field-error.ts"
import { fieldNamesOf } from "./json-path.ts"
import type { Schema, ValidationRule } from "./schema.ts"

const reasons = [
  "FieldValueDuplicate",
  "FieldValueForbidden",
  "FieldValueInvalid",
  "FieldValueRequired",
]

/** What is wrong with the form of a place's CEL rules; the expressions are not looked into. */
export function ruleErrors(schema: Schema, path: string): readonly FieldError[] {
  const rules = schema["x-kubernetes-validations"] ?? []
  return rules.flatMap((rule, index) => [
    ...textErrors(rule, `${path}.x-kubernetes-validations[${index}]`),
    ...fieldPathErrors(schema, rule, `${path}.x-kubernetes-validations[${index}]`),
  ])
}

function textErrors(rule: ValidationRule, path: string): readonly FieldError[] {
  const errors: FieldError[] = []
  const text = rule.rule.trim()
  const message = rule.message?.trim() ?? ""
  if (text === "") {
    errors.push(requiredError(`${path}.rule`, "rule is not specified"))
  } else if (rule.message && message === "") {
    const detail = "must be non-empty if specified"
    errors.push(invalidError(`${path}.message`, rule.message, detail))
  } else if (hasLineBreak(message)) {
    errors.push(invalidError(`${path}.message`, rule.message, "must not contain line breaks"))
  } else if (hasLineBreak(text) && message === "") {
    const detail = "message must be specified if rule contains line breaks"
    errors.push(requiredError(`${path}.message`, detail))
  }
  if (rule.messageExpression && rule.messageExpression.trim() === "") {
    const detail = "messageExpression must be non-empty if specified"
    errors.push(requiredError(`${path}.messageExpression`, detail))
  }
  if (rule.reason !== undefined && !reasons.includes(rule.reason)) {
    errors.push(notSupportedError(`${path}.reason`, rule.reason, reasons))
  }
  return errors
}

function fieldPathErrors(
  schema: Schema,
  { fieldPath }: ValidationRule,
  path: string,
): readonly FieldError[] {
  if (fieldPath === undefined || fieldPath === "") return []
  const at = `${path}.fieldPath`
  const errors: FieldError[] = []
  if (fieldPath.trim() === "") {
    errors.push(invalidError(at, fieldPath, "must be non-empty if specified"))
  }
  if (hasLineBreak(fieldPath)) {
    errors.push(invalidError(at, fieldPath, "must not contain line breaks"))
  }
  if (!leadsSomewhere(schema, fieldPath)) {
    errors.push(invalidError(at, fieldPath, "must be a valid path"))
  }
  return errors
}

function leadsSomewhere(schema: Schema, fieldPath: string): boolean {
  const names = fieldNamesOf(fieldPath)
  if (!names || names.length === 0) return false
  let place: Schema | undefined = schema
  for (const name of names) place = place && memberSchema(place, name)
  return place !== undefined
}

function memberSchema({ properties, additionalProperties }: Schema, name: string) {
  if (properties && Object.hasOwn(properties, name)) return properties[name]
  return typeof additionalProperties === "object" ? additionalProperties : undefined
}

function hasLineBreak(text: string): boolean {
  return /[\r\n]/.test(text)
}
