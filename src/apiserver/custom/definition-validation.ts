import { deepEqual } from "#base"
import {
  duplicateError,
  type FieldError,
  fieldNamesOf,
  forbiddenError,
  invalidError,
  notSupportedError,
  requiredError,
  tooManyError,
  validateColumn,
  validateStructural,
} from "#schema"
import type { CustomResourceDefinition, DefinitionVersion } from "./definition.ts"

const approvalAnnotation = "api-approved.kubernetes.io"
const selectableFieldsMax = 8
const label = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/
const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
const labelText =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character"

/**
 * Everything that keeps a definition from being written. A spec that did not change is not judged
 * again: what was let in once may stay.
 */
export function validateDefinition(
  definition: CustomResourceDefinition,
  old: CustomResourceDefinition | undefined,
): readonly FieldError[] {
  if (old && deepEqual(old.spec, definition.spec)) return []
  const { spec, metadata } = definition
  const { group, names } = spec
  const expected = `${names.plural}.${group}`
  const name =
    old || metadata.name === expected
      ? []
      : [invalidError("metadata.name", metadata.name, `must be spec.names.plural+"."+spec.group`)]
  return [
    ...name,
    ...groupErrors(definition),
    ...namesErrors(spec.names, "spec.names"),
    ...scopeErrors(spec.scope),
    ...versionsErrors(spec.versions ?? []),
    ...conversionErrors(spec),
    ...preservationErrors(spec),
    ...(old ? updateErrors(definition, old) : []),
  ]
}

function groupErrors({ spec, metadata }: CustomResourceDefinition): readonly FieldError[] {
  const { group } = spec
  const path = "spec.group"
  if (group === "") return [requiredError(path)]
  if (!subdomain.test(group)) {
    return [invalidError(path, group, "a lowercase RFC 1123 subdomain must be given")]
  }
  if (!group.includes(".")) {
    return [invalidError(path, group, "should be a domain with at least one dot")]
  }
  const isProtected = /(^|\.)(k8s|kubernetes)\.io$/.test(group)
  if (!isProtected || metadata.annotations?.[approvalAnnotation]) return []
  const field = `metadata.annotations[${approvalAnnotation}]`
  return [
    requiredError(
      field,
      `protected groups must have approval annotation "${approvalAnnotation}", see https://github.com/kubernetes/enhancements/pull/1111`,
    ),
  ]
}

function namesErrors(
  names: CustomResourceDefinition["spec"]["names"],
  path: string,
): readonly FieldError[] {
  const { plural, singular = "", kind, listKind = "", shortNames = [], categories = [] } = names
  const errors: FieldError[] = []
  const check = (value: string, field: string): void => {
    if (value === "") errors.push(requiredError(field))
    else if (!label.test(value)) errors.push(invalidError(field, value, labelText))
  }
  check(plural, `${path}.plural`)
  check(singular, `${path}.singular`)
  check(kind.toLowerCase(), `${path}.kind`)
  check(listKind.toLowerCase(), `${path}.listKind`)
  for (const [index, name] of shortNames.entries()) check(name, `${path}.shortNames[${index}]`)
  for (const [index, name] of categories.entries()) check(name, `${path}.categories[${index}]`)
  if (kind !== "" && kind === listKind) {
    errors.push(invalidError(`${path}.listKind`, listKind, "kind and listKind may not be the same"))
  }
  return errors
}

function scopeErrors(scope: string): readonly FieldError[] {
  if (scope === "Cluster" || scope === "Namespaced") return []
  if (!scope) return [requiredError("spec.scope")]
  return [notSupportedError("spec.scope", scope, ["Cluster", "Namespaced"])]
}

function versionsErrors(versions: readonly DefinitionVersion[]): readonly FieldError[] {
  const path = "spec.versions"
  if (versions.length === 0) {
    return [requiredError(path, "must have at least one version")]
  }
  const errors: FieldError[] = []
  const seen = new Set<string>()
  for (const [index, version] of versions.entries()) {
    const field = `${path}[${index}]`
    if (seen.has(version.name)) errors.push(duplicateError(`${field}.name`, version.name))
    seen.add(version.name)
    errors.push(...versionErrors(version, field))
  }
  if (versions.filter((version) => version.storage).length !== 1) {
    const detail = "must have exactly one version marked as storage version"
    errors.push(invalidError(path, versions, detail))
  }
  return errors
}

function versionErrors(version: DefinitionVersion, path: string): readonly FieldError[] {
  const errors: FieldError[] = []
  if (!label.test(version.name ?? "")) {
    errors.push(invalidError(`${path}.name`, version.name, labelText))
  }
  if (!version.deprecated && version.deprecationWarning) {
    const detail = "can only be set for deprecated versions"
    errors.push(invalidError(`${path}.deprecationWarning`, version.deprecationWarning, detail))
  }
  const schema = version.schema?.openAPIV3Schema
  const schemaPath = `${path}.schema.openAPIV3Schema`
  if (schema === undefined) errors.push(requiredError(schemaPath, "schemas are required"))
  else errors.push(...validateStructural(schema, schemaPath))
  for (const [index, column] of (version.additionalPrinterColumns ?? []).entries()) {
    errors.push(...validateColumn(column, `${path}.additionalPrinterColumns[${index}]`))
  }
  return [...errors, ...scaleErrors(version, path), ...selectableErrors(version, path)]
}

function scaleErrors({ subresources }: DefinitionVersion, path: string): readonly FieldError[] {
  const { scale } = subresources ?? {}
  if (!scale) return []
  const at = `${path}.subresources.scale`
  return [
    ...scalePathErrors(scale.specReplicasPath, `${at}.specReplicasPath`, ["spec"]),
    ...scalePathErrors(scale.statusReplicasPath, `${at}.statusReplicasPath`, ["status"]),
    ...(scale.labelSelectorPath === undefined || scale.labelSelectorPath === ""
      ? []
      : scalePathErrors(scale.labelSelectorPath, `${at}.labelSelectorPath`, ["spec", "status"])),
  ]
}

function scalePathErrors(
  text: string,
  field: string,
  roots: readonly string[],
): readonly FieldError[] {
  if (!text) return [requiredError(field)]
  const names = fieldNamesOf(text)
  const isBelow = names !== undefined && names.length > 1 && roots.includes(names[0] ?? "")
  if (isBelow) return []
  const places = roots.map((root) => `.${root}`).join(" or ")
  return [invalidError(field, text, `should be a json path under ${places}`)]
}

function selectableErrors(version: DefinitionVersion, path: string): readonly FieldError[] {
  const { selectableFields = [] } = version
  const at = `${path}.selectableFields`
  const errors: FieldError[] = []
  if (selectableFields.length > selectableFieldsMax) {
    errors.push(tooManyError(at, selectableFields.length, selectableFieldsMax))
  }
  for (const [index, { jsonPath }] of selectableFields.entries()) {
    const field = `${at}[${index}].jsonPath`
    const names = fieldNamesOf(jsonPath)
    if (!jsonPath) errors.push(requiredError(field))
    else if (!names) errors.push(invalidError(field, jsonPath, "is an invalid path"))
    else if (names[0] === "metadata") {
      errors.push(invalidError(field, jsonPath, "must not point to fields in metadata"))
    }
  }
  return errors
}

/** Objects of several versions are told apart by their schemas alone: no webhook is called. */
function conversionErrors({
  conversion,
  versions,
}: CustomResourceDefinition["spec"]): readonly FieldError[] {
  const path = "spec.conversion"
  switch (conversion?.strategy) {
    case undefined:
    case "None":
      return conversion?.webhook === undefined
        ? []
        : [
            forbiddenError(
              `${path}.webhook`,
              "should not be set when strategy is not set to Webhook",
            ),
          ]
    case "Webhook": {
      const reviewVersions = conversion.webhook?.conversionReviewVersions ?? []
      const at = `${path}.webhook.conversionReviewVersions`
      if (reviewVersions.length === 0) return [requiredError(at)]
      const isNeeded = versions.filter((version) => version.served || version.storage).length > 1
      const detail = "conversion webhooks are not called by this server: serve one version only"
      return isNeeded ? [forbiddenError(`${path}.strategy`, detail)] : []
    }
    default:
      return [notSupportedError(`${path}.strategy`, conversion?.strategy, ["None", "Webhook"])]
  }
}

function preservationErrors(spec: CustomResourceDefinition["spec"]): readonly FieldError[] {
  if (!spec.preserveUnknownFields) return []
  const detail =
    "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead"
  return [invalidError("spec.preserveUnknownFields", true, detail)]
}

/** What an update may not change: objects are stored under group and plural, in stored versions. */
function updateErrors(
  { spec }: CustomResourceDefinition,
  old: CustomResourceDefinition,
): readonly FieldError[] {
  const fixed: readonly (readonly [string, unknown, unknown])[] = [
    ["spec.group", spec.group, old.spec.group],
    ["spec.names.plural", spec.names.plural, old.spec.names.plural],
    ["spec.names.kind", spec.names.kind, old.spec.names.kind],
    ["spec.scope", spec.scope, old.spec.scope],
  ]
  const isEstablished = old.status?.conditions?.some(
    ({ type, status }) => type === "Established" && status === "True",
  )
  const immutable = fixed
    .filter(([field, next, before]) => next !== before && (isEstablished || field !== "spec.scope"))
    .map(([field, next]) => invalidError(field, next, "field is immutable"))
  const known = new Set(spec.versions.map(({ name }) => name))
  const removed = (old.status?.storedVersions ?? [])
    .map((name, index) => ({ name, field: `status.storedVersions[${index}]` }))
    .filter(({ name }) => !known.has(name))
    .map(({ name, field }) =>
      invalidError(
        field,
        name,
        `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`,
      ),
    )
  return [...immutable, ...removed]
}
