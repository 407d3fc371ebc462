import type { Exchange } from "../http/exchange.ts"
import { mediaTypes } from "../http/negotiate.ts"
import { sendBytes, sendJson } from "../http/respond.ts"
import { WireWriter } from "../protobuf/wire-writer.ts"

/** What clients ask for, no media type that can be parsed, and what the answer is called. */
const askedType = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"
const answeredType = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"
const title = "Kubernetes"

/** Field numbers of the protobuf form of an OpenAPI 2 document. */
const field = { swagger: 1, info: 2, infoTitle: 1, infoVersion: 2, paths: 8 } as const

/**
 * Answers `/openapi/v2` with a document that has no models: older clients and those that send lists
 * ask for it before they write, and leave validation to the server where it names nothing.
 */
export function serveOpenApiV2(exchange: Exchange, version: string): void {
  const accepted = mediaTypes([exchange.headers["accept"] ?? "*/*"].flat().join(","))
  if (accepted.some(({ type }) => type === askedType || type === answeredType)) {
    sendBytes(exchange, 200, protobufDocument(version), { "content-type": answeredType })
  } else {
    sendJson(exchange, 200, { swagger: "2.0", info: { title, version }, paths: {} })
  }
}

function protobufDocument(version: string): Buffer {
  const writer = new WireWriter()
  writer.closeField(field.paths, writer.length)
  const info = writer.length
  writeText(writer, field.infoVersion, version)
  writeText(writer, field.infoTitle, title)
  writer.closeField(field.info, info)
  writeText(writer, field.swagger, "2.0")
  return Buffer.from(writer.finish())
}

function writeText(writer: WireWriter, number: number, text: string): void {
  const before = writer.length
  writer.string(text)
  writer.closeField(number, before)
}
