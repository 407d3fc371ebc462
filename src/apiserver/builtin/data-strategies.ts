import { isObject } from "#base"
import type { ApiObject } from "#meta"
import { type FieldError, forbiddenError, invalidError, requiredError, tooLongError } from "#schema"
import type { PrepareInput } from "../resource.ts"
import { withoutLineBreaks } from "./base64-text.ts"

type Content = ApiObject & { readonly [field: string]: unknown }

const dataMaxBytes = 1024 * 1024
const dataKey = /^[-._a-zA-Z0-9]{1,253}$/
const dataKeyText =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"

/** Keys that the data of a Secret must have, by its type. */
const keysOfType: Readonly<Record<string, readonly string[]>> = {
  "kubernetes.io/tls": ["tls.crt", "tls.key"],
  "kubernetes.io/ssh-auth": ["ssh-privatekey"],
  "kubernetes.io/dockercfg": [".dockercfg"],
  "kubernetes.io/dockerconfigjson": [".dockerconfigjson"],
}

/** Takes line breaks out of base64. */
export function prepareConfigMap({ object }: PrepareInput): ApiObject {
  return withCanonical(object as Content, "binaryData")
}

/** Merges `stringData` into `data`, and gives the Secret a type. */
export function prepareSecret({ object, old }: PrepareInput): ApiObject {
  const { stringData, ...secret } = withCanonical(object as Content, "data")
  const type = secret["type"] || (old as Content | undefined)?.["type"] || "Opaque"
  if (!isObject(stringData)) return { ...secret, type } as ApiObject
  const given = Object.entries(stringData).map(([key, value]) => [
    key,
    Buffer.from(String(value)).toString("base64"),
  ])
  const data = isObject(secret["data"]) ? secret["data"] : {}
  return { ...secret, data: { ...data, ...Object.fromEntries(given) }, type } as ApiObject
}

function withCanonical(object: Content, field: string): Content {
  const canonical = withoutLineBreaks(object[field])
  return canonical === object[field] ? object : { ...object, [field]: canonical }
}

export function validateSecret(object: ApiObject, old: ApiObject | undefined): FieldError[] {
  const secret = object as Content
  const before = old as Content | undefined
  const { type, data } = secret
  const changed =
    before && before["type"] !== type ? [invalidError("type", type, "field is immutable")] : []
  const name = String(type)
  const missing = (Object.hasOwn(keysOfType, name) ? (keysOfType[name] ?? []) : [])
    .filter((key) => !isObject(data) || !Object.hasOwn(data, key))
    .map((key) => requiredError(`data[${key}]`))
  return [...changed, ...missing, ...validateLogin(secret), ...validateData(secret, before)]
}

const accountAnnotation = "kubernetes.io/service-account.name"

/** What some types of Secrets need that is more than a key. */
function validateLogin({ type, data, metadata }: Content): FieldError[] {
  const entries = isObject(data) ? data : {}
  switch (type) {
    case "kubernetes.io/basic-auth": {
      const keys = ["username", "password"]
      const isGiven = keys.some((key) => Object.hasOwn(entries, key))
      return isGiven ? [] : keys.map((key) => requiredError(`data[${key}]`))
    }
    case "kubernetes.io/dockercfg":
      return validateJson(entries, ".dockercfg")
    case "kubernetes.io/dockerconfigjson":
      return validateJson(entries, ".dockerconfigjson")
    case "kubernetes.io/service-account-token":
      return metadata.annotations?.[accountAnnotation]
        ? []
        : [requiredError(`metadata.annotations[${accountAnnotation}]`)]
    default:
      return []
  }
}

function validateJson(data: Readonly<Record<string, unknown>>, key: string): FieldError[] {
  const value = data[key]
  if (typeof value !== "string") return []
  try {
    JSON.parse(Buffer.from(value, "base64").toString("utf8"))
    return []
  } catch {
    return [invalidError(`data[${key}]`, "<secret contents redacted>", "it is not JSON")]
  }
}

export function validateConfigMap(object: ApiObject, old: ApiObject | undefined): FieldError[] {
  return validateData(object as Content, old as Content | undefined)
}

/**
 * What config maps and secrets have in common: key names, total size, and the lid of `immutable`.
 */
function validateData(object: Content, old: Content | undefined): FieldError[] {
  const members = ["data", "binaryData"].flatMap((field) =>
    Object.entries((object[field] as Readonly<Record<string, string>> | undefined) ?? {}).map(
      ([key, value]) => ({ field, key, bytes: Buffer.byteLength(value) }),
    ),
  )
  const keys = members
    .filter(({ key }) => !dataKey.test(key) || key === "." || key === "..")
    .map(({ field, key }) => invalidError(`${field}[${key}]`, key, dataKeyText))
  const bytes = members.reduce((sum, member) => sum + member.bytes, 0)
  const size = bytes > dataMaxBytes ? [tooLongError("data", dataMaxBytes)] : []
  return [...keys, ...size, ...validateImmutable(object, old)]
}

function validateImmutable(object: Content, old: Content | undefined): FieldError[] {
  if (old?.["immutable"] !== true) return []
  const frozen = "field is immutable when `immutable` is set"
  const lid = object["immutable"] === true ? [] : [forbiddenError("immutable", frozen)]
  const changed = ["data", "binaryData"].filter(
    (field) => JSON.stringify(object[field]) !== JSON.stringify(old[field]),
  )
  return [...lid, ...changed.map((field) => forbiddenError(field, frozen))]
}
