import { annotation, type MachineSpec } from "#apis"
import { type LabelSelector, type Selector, selectorOf } from "#meta"
import { type FieldError, forbiddenError, invalidError, requiredError } from "#schema"
import { randomPlaceholder, renderNaming } from "../machine-naming.ts"

const semver =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?(\+[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$/
const labelValue = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/
const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
const percentage = /^\d+%$/

const preflightChecks = [
  "All",
  "ControlPlaneIsStable",
  "ControlPlaneVersionSkew",
  "KubeadmVersionSkew",
  "KubernetesVersionSkew",
]

/** A version with the `v` that people leave out. */
export function withPrefix(version: string | undefined): string | undefined {
  return version === undefined || version === "" || version.startsWith("v")
    ? version
    : `v${version}`
}

export function versionErrors(version: string | undefined, path: string): readonly FieldError[] {
  if (version === undefined || semver.test(version.replace(/^v/, ""))) return []
  return [invalidError(path, version, "must be a valid semantic version")]
}

/** Names that are used as label values. */
export function nameErrors(name: string): readonly FieldError[] {
  const path = "metadata.name"
  if (name.length > 63) {
    return [invalidError(path, name, "must be a valid label value: must be no more than 63 bytes")]
  }
  return labelValue.test(name)
    ? []
    : [invalidError(path, name, "must be a valid label value: letters, digits, '-', '_' and '.'")]
}

/** What holds for a Machine's spec wherever it stands. */
export function machineSpecErrors(spec: MachineSpec, path: string): readonly FieldError[] {
  const errors = [...versionErrors(spec.version, `${path}.version`)]
  const { bootstrap, taints } = spec
  if (!bootstrap.configRef && bootstrap.dataSecretName === undefined) {
    const either = `either ${path}.bootstrap.dataSecretName or ${path}.bootstrap.configRef`
    errors.push(requiredError(`${path}.bootstrap`, `expected ${either} to be populated`))
  }
  if (taints && taints.length > 0) {
    const detail =
      "taints are not allowed to be set when the feature gate MachineTaintPropagation is disabled"
    errors.push(forbiddenError(`${path}.taints`, detail))
  }
  return errors
}

export function immutableError(
  path: string,
  before: string | undefined,
  after: string | undefined,
): readonly FieldError[] {
  return before === undefined || before === after
    ? []
    : [forbiddenError(path, "field is immutable")]
}

/** Also says what is wrong with the selector itself. */
export function parsedSelector(
  source: LabelSelector,
  path: string,
): { readonly selector: Selector | undefined; readonly errors: readonly FieldError[] } {
  try {
    return { selector: selectorOf(source), errors: [] }
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error)
    return { selector: undefined, errors: [invalidError(path, source, detail)] }
  }
}

/** A number, or a percentage of something. */
export function intOrPercentErrors(
  value: number | string | undefined,
  path: string,
): readonly FieldError[] {
  if (value === undefined || typeof value === "number" || percentage.test(value)) return []
  return [invalidError(path, value, "must be either an int or a percentage")]
}

/** Names that a template renders must be names, and must differ. */
export function namingErrors(template: string | undefined, path: string): readonly FieldError[] {
  if (template === undefined) return []
  if (!template.includes(randomPlaceholder)) {
    return [invalidError(path, template, `invalid template, ${randomPlaceholder} is missing`)]
  }
  const name = renderNaming(template, { cluster: "cluster", machineSet: "machineset", random: "x" })
  if (name === undefined) {
    return [invalidError(path, template, "invalid template: it uses a variable that is not known")]
  }
  return subdomain.test(name)
    ? []
    : [
        invalidError(
          path,
          template,
          "invalid template, generated names would not be valid Kubernetes object names",
        ),
      ]
}

export function preflightErrors(
  annotations: Readonly<Record<string, string>> | undefined,
): readonly FieldError[] {
  const skipped = (annotations?.[annotation.skipPreflightChecks] ?? "")
    .split(",")
    .map((name) => name.trim())
    .filter(Boolean)
  const unknown = skipped.filter((name) => !preflightChecks.includes(name))
  if (unknown.length === 0) return []
  const path = `metadata.annotations.${annotation.skipPreflightChecks}`
  const detail = `skipped preflight check(s) must be among: [${preflightChecks.join(" ")}]`
  return [invalidError(path, unknown, detail)]
}

interface Scaled {
  readonly replicas?: number | undefined
}

/** How many replicas an object without a number gets; the autoscaler's range comes first. */
export function defaultReplicas(
  annotations: Readonly<Record<string, string>> | undefined,
  old: Scaled | undefined,
): number {
  const min = sizeOf(annotations?.[annotation.autoscalerMin])
  const max = sizeOf(annotations?.[annotation.autoscalerMax])
  if (min === undefined || max === undefined) return 1
  return old?.replicas === undefined ? min : Math.min(Math.max(old.replicas, min), max)
}

function sizeOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined
}
