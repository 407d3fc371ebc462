import { ApiError, badRequest, type PatchType } from "#meta"
import { findDuplicateKeys } from "./duplicate-keys.ts"
import { decodeProtobuf, ProtobufError } from "../protobuf/index.ts"
import { parseYamlInThread } from "./yaml-thread.ts"

/** A parsed body, with what strict decoding has against it. */
export interface ParsedBody {
  readonly value: unknown
  readonly findings: readonly string[]
}

const nestingMax = 1_000
const acceptedTypes = "application/json, application/yaml, application/vnd.kubernetes.protobuf"

/** An object body. Errors: `BadRequest`, `UnsupportedMediaType`. */
export async function parseBody(
  body: Buffer,
  contentType: string | undefined,
): Promise<ParsedBody> {
  const type = mediaTypeOf(contentType)
  switch (type) {
    case "":
    case "application/json":
    case "*/*":
      return parseJson(body)
    case "application/yaml":
      return await parseYaml(body)
    case "application/vnd.kubernetes.protobuf":
      return { value: parseProtobuf(body), findings: [] }
    default:
      throw unsupported(type, acceptedTypes)
  }
}

const patchTypes: Readonly<Record<string, PatchType>> = {
  "application/json-patch+json": "json",
  "application/merge-patch+json": "merge",
  "application/strategic-merge-patch+json": "strategic",
  "application/apply-patch+yaml": "apply",
}

/** A patch body and its format. Errors: `BadRequest`, `UnsupportedMediaType`. */
export async function parsePatch(
  body: Buffer,
  contentType: string | undefined,
): Promise<{ readonly type: PatchType; readonly parsed: ParsedBody }> {
  const media = mediaTypeOf(contentType)
  const type = Object.hasOwn(patchTypes, media) ? patchTypes[media] : undefined
  if (!type) throw unsupported(media, Object.keys(patchTypes).join(", "))
  return { type, parsed: type === "apply" ? await parseYaml(body) : parseJson(body) }
}

function mediaTypeOf(contentType: string | undefined): string {
  return (contentType ?? "").split(";")[0]?.trim().toLowerCase() ?? ""
}

function parseJson(body: Buffer): ParsedBody {
  const text = body.toString("utf8")
  checkNesting(text)
  try {
    return { value: JSON.parse(text) as unknown, findings: findDuplicateKeys(text) }
  } catch (error) {
    throw badRequest(`couldn't parse the body as JSON: ${(error as Error).message}`)
  }
}

function parseProtobuf(body: Buffer): unknown {
  try {
    return decodeProtobuf(body)
  } catch (error) {
    if (error instanceof ProtobufError) throw badRequest(error.message)
    throw error
  }
}

/** JSON is YAML, too, and what nearly everybody sends. */
async function parseYaml(body: Buffer): Promise<ParsedBody> {
  const text = body.toString("utf8")
  if (/^\s*[[{]/.test(text)) return parseJson(body)
  return { value: await parseYamlInThread({ text, nestingMax }), findings: [] }
}

/**
 * Brackets are counted before parsing: what recurses over the value must never overflow the stack.
 */
function checkNesting(text: string): void {
  let depth = 0
  let inString = false
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    if (inString) {
      if (code === 0x5c) index += 1
      else if (code === 0x22) inString = false
    } else if (code === 0x22) inString = true
    else if (code === 0x7b || code === 0x5b) {
      depth += 1
      if (depth > nestingMax) throw tooDeep()
    } else if (code === 0x7d || code === 0x5d) depth -= 1
  }
}

function tooDeep(): ApiError {
  return badRequest(`the body nests deeper than ${nestingMax} levels`)
}

function unsupported(type: string, accepted: string): ApiError {
  return new ApiError(
    415,
    "UnsupportedMediaType",
    `the body of the request was in an unknown format (${type}) - accepted media types include: ${accepted}`,
  )
}
