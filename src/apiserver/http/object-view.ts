import { type ApiObject, apiVersionOf } from "#meta"
import type { Call } from "../call.ts"
import type { Record } from "../hub/record.ts"
import type { Page } from "../verbs/reader.ts"
import type { Exchange } from "./exchange.ts"
import type { Representation } from "./negotiate.ts"
import { sendBytes, sendJson, warningHeaders } from "./respond.ts"
import { metadataOf, tableOf } from "./table-view.ts"

/** How an answer is to look. */
export interface Shape {
  readonly call: Call
  readonly representation: Representation
  readonly includeObject: string | null
  readonly nowMs: number
  readonly warnings: readonly string[]
  readonly show: (record: Record) => ApiObject
}

/** What there is to send: a stored record, or an object that none stands behind (dry run). */
export type Answer =
  | { readonly object: ApiObject; readonly record: Record | undefined }
  | { readonly object: undefined; readonly record: Record }

/** One object. Committed bytes go out as they are when they are what was asked for. */
export function sendObject(exchange: Exchange, code: number, answer: Answer, shape: Shape): void {
  const headers = warningHeaders(shape.warnings)
  const bytes = shape.representation.kind === "object" && storedBytes(shape, answer.record)
  if (bytes) return sendBytes(exchange, code, bytes, headers)
  const object = answer.object ?? shape.show(answer.record)
  sendJson(exchange, code, viewOf(object, shape), headers)
}

/** The bytes of a record in the shape's version, when no conversion stands between. */
export function storedBytes(shape: Shape, record: Record | undefined): Buffer | undefined {
  const { resource } = shape.call
  if (!record || resource.conversion || resource.storage !== resource) return undefined
  return record.revision >= resource.storedSince ? record.bytes : undefined
}

function viewOf(object: ApiObject, shape: Shape): unknown {
  const { representation, call } = shape
  switch (representation.kind) {
    case "object":
      return object
    case "metadata":
      return metadataOf(object)
    case "table":
      return tableOf(
        call.resource,
        [object],
        { resourceVersion: object.metadata.resourceVersion },
        { ...shape, version: representation.version },
      )
  }
}

const chunkBytes = 128 * 1024

/** A page of objects, streamed in pieces so that no list holds the loop or the memory for long. */
export async function sendList(exchange: Exchange, page: Page, shape: Shape): Promise<void> {
  const { resource } = shape.call
  const headers = warningHeaders(shape.warnings)
  const metadata = {
    resourceVersion: String(page.revision),
    ...(page.continue ? { continue: page.continue } : {}),
    ...(page.remaining === undefined ? {} : { remainingItemCount: page.remaining }),
  }
  if (shape.representation.kind === "table") {
    const objects = page.records.map((record) => shape.show(record))
    const { version } = shape.representation
    return sendJson(
      exchange,
      200,
      tableOf(resource, objects, metadata, { ...shape, version }),
      headers,
    )
  }
  const isMetadata = shape.representation.kind === "metadata"
  const head = isMetadata
    ? { kind: "PartialObjectMetadataList", apiVersion: "meta.k8s.io/v1", metadata }
    : {
        kind: resource.listKind,
        apiVersion: apiVersionOf(resource.group, resource.version),
        metadata,
      }
  exchange.begin(200, {
    "content-type": "application/json",
    "cache-control": "no-cache, private",
    ...headers,
  })
  let parts: Buffer[] = [Buffer.from(`${JSON.stringify(head).slice(0, -1)},"items":[`)]
  let bytes = 0
  for (const [index, record] of page.records.entries()) {
    if (index > 0) parts.push(comma)
    const item = storedBytes(shape, record)
    const part =
      item && !isMetadata ? item : Buffer.from(JSON.stringify(viewOf(shape.show(record), shape)))
    parts.push(part)
    bytes += part.length
    if (bytes > chunkBytes) {
      await exchange.write(Buffer.concat(parts))
      parts = []
      bytes = 0
    }
  }
  exchange.end(Buffer.concat([...parts, closing]))
}

const comma = Buffer.from(",")
const closing = Buffer.from("]}")
