import { type ApiObject, apiVersionOf } from "#meta"
import type { Call } from "../call.ts"
import type { Record } from "../hub/record.ts"
import type { Resource } from "../resource.ts"
import type { Page } from "../verbs/reader.ts"
import type { Exchange } from "./exchange.ts"
import type { Representation } from "./negotiate.ts"
import { beginBody, encodeBody } from "./body-writer.ts"
import { sendBytes, warningHeaders } from "./respond.ts"
import { metadataOf, rowOf, tableHead, tableOf } from "./table-view.ts"

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
export async function sendObject(
  exchange: Exchange,
  code: number,
  answer: Answer,
  shape: Shape,
): Promise<void> {
  const bytes = objectBytes(answer, shape)
  const encoded = await encodeBody(exchange, bytes)
  const headers = { ...warningHeaders(shape.warnings), ...encoded.headers }
  sendBytes(exchange, code, encoded.body, headers)
}

function objectBytes(answer: Answer, shape: Shape): Buffer {
  const bytes = shape.representation.kind === "object" && storedBytes(shape, answer.record)
  if (bytes) return bytes
  const object = answer.object ?? shape.show(answer.record)
  return Buffer.from(JSON.stringify(viewOf(object, shape)))
}

/** The bytes of a record in the shape's version, when no conversion stands between. */
export function storedBytes(shape: Shape, record: Record | undefined): Buffer | undefined {
  const { resource } = shape.call
  if (!record || resource.conversion || resource.storage !== resource) return undefined
  return record.revision >= resource.storedSince ? record.bytes : undefined
}

/** An object as it was asked for; `columned` has the columns of a table. */
export function viewOf(
  object: ApiObject,
  shape: Shape,
  columned: Pick<Resource, "columns"> = shape.call.resource,
): unknown {
  const { representation } = shape
  switch (representation.kind) {
    case "object":
      return object
    case "metadata":
      return metadataOf(object)
    case "table":
      return tableOf(
        columned,
        [object],
        { resourceVersion: object.metadata.resourceVersion },
        { ...shape, version: representation.version },
      )
  }
}

const chunkBytes = 128 * 1024
/** What a row or an object without its content takes, roughly. */
const viewBytes = 512

/** A page of objects, streamed in pieces so that no list holds the loop or the memory for long. */
export async function sendList(exchange: Exchange, page: Page, shape: Shape): Promise<void> {
  const headers = {
    "content-type": "application/json",
    "cache-control": "no-cache, private",
    ...warningHeaders(shape.warnings),
  }
  const body = beginBody(exchange, headers, expectedBytes(page, shape))
  let parts: Buffer[] = [Buffer.from(listHead(page, shape))]
  let bytes = 0
  for (const [index, record] of page.records.entries()) {
    if (index > 0) parts.push(comma)
    const part = itemBytes(record, shape)
    parts.push(part)
    bytes += part.length
    if (bytes > chunkBytes) {
      await body.write(Buffer.concat(parts))
      await nextTurn()
      parts = []
      bytes = 0
    }
  }
  await body.end(Buffer.concat([...parts, closing]))
}

function expectedBytes(page: Page, shape: Shape): number {
  return shape.representation.kind === "object"
    ? page.records.reduce((sum, record) => sum + record.bytes.length, 0)
    : page.records.length * viewBytes
}

/** Everything of a list before its first item, the opening bracket included. */
function listHead(page: Page, shape: Shape): string {
  const { resource } = shape.call
  const metadata = {
    resourceVersion: String(page.revision),
    ...(page.continue ? { continue: page.continue } : {}),
    ...(page.remaining === undefined ? {} : { remainingItemCount: page.remaining }),
  }
  switch (shape.representation.kind) {
    case "table": {
      const { version } = shape.representation
      return openList({ ...tableHead(resource, version), metadata }, "rows")
    }
    case "metadata": {
      const type = { kind: "PartialObjectMetadataList", apiVersion: "meta.k8s.io/v1" }
      return openList({ ...type, metadata }, "items")
    }
    case "object": {
      const apiVersion = apiVersionOf(resource.group, resource.version)
      return openList({ kind: resource.listKind, apiVersion, metadata }, "items")
    }
  }
}

function openList(head: object, member: string): string {
  return `${JSON.stringify(head).slice(0, -1)},"${member}":[`
}

function itemBytes(record: Record, shape: Shape): Buffer {
  const { representation, call } = shape
  if (representation.kind === "table") {
    return Buffer.from(JSON.stringify(rowOf(call.resource, shape.show(record), shape)))
  }
  const bytes = representation.kind === "object" ? storedBytes(shape, record) : undefined
  return bytes ?? Buffer.from(JSON.stringify(viewOf(shape.show(record), shape)))
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

const comma = Buffer.from(",")
const closing = Buffer.from("]}")
