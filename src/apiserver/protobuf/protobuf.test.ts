import { readFileSync } from "node:fs"
import { join } from "node:path"
import type { JsonObject } from "#base"
import { describe, expect, test } from "vitest"
import { decodeProtobuf, encodeProtobuf } from "./index.ts"

/** Objects of every kind as Go's encoders write them; `tools/gen/go/vectors` makes the file. */
const vectors = JSON.parse(
  readFileSync(join(import.meta.dirname, "testdata/vectors.gen.json"), "utf8"),
) as readonly { protobuf: string; json: JsonObject }[]

const named = vectors.map(({ protobuf, json }, index) => ({
  name: `${json.apiVersion} ${json.kind} #${index % 2}`,
  bytes: new Uint8Array(Buffer.from(protobuf, "base64")),
  json,
}))

describe("the codec, on what Go writes", () => {
  test.each(named)("decodes $name to the JSON that Go prints", ({ bytes, json }) => {
    expect(decodeProtobuf(bytes)).toStrictEqual(json)
  })

  test.each(named)("encodes $name to the bytes that Go writes", ({ bytes, json }) => {
    expect(Buffer.from(encodeProtobuf(json)).toString("base64")).toBe(
      Buffer.from(bytes).toString("base64"),
    )
  })
})
