import { describe, expect, test } from "vitest"
import { decodeProtobuf, encodeProtobuf, ProtobufError } from "./index.ts"
import { envelopeMagic } from "./special-forms.ts"
import { WireWriter } from "./wire-writer.ts"

const field = (number: number, content: Uint8Array | string): Buffer => {
  const writer = new WireWriter()
  writer.raw(typeof content === "string" ? Buffer.from(content) : content)
  writer.closeField(number, 0)
  return Buffer.from(writer.finish())
}
const envelope = (apiVersion: string, kind: string, raw: Uint8Array): Buffer =>
  Buffer.concat([
    envelopeMagic,
    field(1, Buffer.concat([field(1, apiVersion), field(2, kind)])),
    field(2, raw),
  ])

const deployment = encodeProtobuf({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", labels: { app: "web" }, creationTimestamp: "2026-01-02T03:04:05Z" },
  spec: {
    replicas: 3,
    template: { spec: { containers: [{ name: "main", image: "nginx" }] } },
    strategy: { rollingUpdate: { maxSurge: "25%", maxUnavailable: 1 } },
  },
})

describe("bytes that are no object", () => {
  test("of every truncation, each decodes or is refused with a ProtobufError", () => {
    for (let length = 0; length < deployment.length; length += 1) {
      const cut = deployment.subarray(0, length)
      expect(outcome(() => decodeProtobuf(cut))).toMatch(/decoded|ProtobufError/)
    }
  })

  test("of every single flipped byte, each decodes or is refused with a ProtobufError", () => {
    for (let index = 0; index < deployment.length; index += 1) {
      for (const mask of [0x01, 0x07, 0x80, 0xff]) {
        const changed = deployment.slice()
        changed[index] = (changed[index] ?? 0) ^ mask
        expect(outcome(() => decodeProtobuf(changed))).toMatch(/decoded|ProtobufError/)
      }
    }
  })

  test.each([
    ["an empty body", Buffer.alloc(0), "does not start with the k8s envelope"],
    ["JSON", Buffer.from("{}"), "does not start with the k8s envelope"],
    ["an unknown kind", envelope("v1", "Widget", Buffer.alloc(0)), 'no kind "Widget"'],
    [
      "a kind named like a prototype's member",
      envelope("v1", "constructor", Buffer.alloc(0)),
      "no kind",
    ],
    [
      "a compressed envelope",
      Buffer.concat([envelope("v1", "Secret", Buffer.alloc(0)), field(3, "gzip")]),
      'content encoding "gzip" is not supported',
    ],
    [
      "a varint of eleven bytes",
      envelope("v1", "Secret", Buffer.alloc(11, 0xff)),
      "varint over 64 bits",
    ],
    [
      "a length past the end",
      envelope("v1", "Secret", Buffer.of(0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f)),
      "metadata: unexpected end",
    ],
    ["a group", envelope("v1", "Secret", Buffer.of(0xfb, 0x01)), "wire type 3"],
  ])("%s is refused", (_what, body, reason) => {
    expect(() => decodeProtobuf(body)).toThrow(reason)
  })

  test("the error names the field that is wrong", () => {
    const port = field(6, Buffer.of(0x1a, 0x00))
    const container = Buffer.concat([field(1, "main"), port])
    const template = field(3, field(2, field(2, container)))
    const body = envelope("apps/v1", "Deployment", field(2, template))
    const error = caught(() => decodeProtobuf(body))
    expect(error).toBeInstanceOf(ProtobufError)
    expect(error).toMatchObject({
      path: "spec.template.spec.containers[0].ports[0].containerPort",
      message:
        "decode protobuf: spec.template.spec.containers[0].ports[0].containerPort: wire type 2, not 0",
    })
  })
})

describe("bodies made to exhaust", () => {
  test("a schema nested deeper than the limit is refused", () => {
    const schema = (depth: number): Buffer => {
      let inner: Buffer = Buffer.alloc(0)
      for (let level = 0; level < depth; level += 1) inner = field(28, inner)
      const version = Buffer.concat([field(1, "v1"), field(4, field(1, inner))])
      return envelope(
        "apiextensions.k8s.io/v1",
        "CustomResourceDefinition",
        field(2, field(7, version)),
      )
    }
    expect(decodeProtobuf(schema(90))).toHaveProperty("kind", "CustomResourceDefinition")
    expect(() => decodeProtobuf(schema(5_000))).toThrow("nested too deeply")
  })

  test("JSON nested deeper than the limit is refused, brackets in strings not counted", () => {
    const revision = (data: string): Buffer =>
      envelope("apps/v1", "ControllerRevision", field(2, field(1, data)))
    expect(decodeProtobuf(revision(`{"a":"${"[".repeat(500)}\\""}`))).toHaveProperty("data.a")
    expect(() => decodeProtobuf(revision("[".repeat(5_000)))).toThrow(
      "data: JSON nested too deeply",
    )
    expect(() => decodeProtobuf(revision("{"))).toThrow("data: not JSON")
  })

  test("more list items than the limit are refused", () => {
    const pod = envelope("v1", "Pod", field(2, Buffer.concat(Array(600).fill(field(2, "")))))
    expect(() => decodeProtobuf(pod, { depth: 100, values: 1_000 })).toThrow("too many values")
    expect(decodeProtobuf(pod)).toHaveProperty("spec.containers.length", 600)
  })
})

describe("what other encoders send", () => {
  test("fields that nobody knows are passed over", () => {
    const raw = Buffer.concat([field(900, "x"), field(3, "Opaque"), Buffer.of(0xf8, 0x3f, 0x01)])
    expect(decodeProtobuf(envelope("v1", "Secret", raw))).toStrictEqual({
      apiVersion: "v1",
      kind: "Secret",
      metadata: {},
      type: "Opaque",
    })
  })

  test("messages and scalars left out read as Go's zero values", () => {
    const body = envelope("apps/v1", "Deployment", Buffer.alloc(0))
    expect(decodeProtobuf(body)).toStrictEqual({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: {},
      spec: {
        selector: null,
        template: { metadata: {}, spec: { containers: null } },
        strategy: {},
      },
      status: {},
    })
  })

  test("numbers in one packed field read as a list", () => {
    const context = field(14, field(4, Buffer.of(0x01, 0xac, 0x02)))
    expect(decodeProtobuf(envelope("v1", "Pod", field(2, context)))).toHaveProperty(
      "spec.securityContext.supplementalGroups",
      [1, 300],
    )
  })

  test("options are found under the group version they are sent with", () => {
    const options = encodeProtobuf({
      apiVersion: "apps/v1",
      kind: "DeleteOptions",
      gracePeriodSeconds: 0,
      propagationPolicy: "Foreground",
      preconditions: { uid: "u", resourceVersion: "7" },
    })
    expect(decodeProtobuf(options)).toStrictEqual({
      apiVersion: "apps/v1",
      kind: "DeleteOptions",
      gracePeriodSeconds: 0,
      propagationPolicy: "Foreground",
      preconditions: { uid: "u", resourceVersion: "7" },
    })
  })

  test("an object inside a watch event is decoded with it", () => {
    const inner = encodeProtobuf({ apiVersion: "v1", kind: "Namespace", metadata: { name: "a" } })
    const event = envelope(
      "v1",
      "WatchEvent",
      Buffer.concat([field(1, "ADDED"), field(2, field(1, inner))]),
    )
    expect(decodeProtobuf(event)).toMatchObject({
      type: "ADDED",
      object: { apiVersion: "v1", kind: "Namespace", metadata: { name: "a" } },
    })
  })

  test("a map key named __proto__ stays a key", () => {
    const labels = field(11, Buffer.concat([field(1, "__proto__"), field(2, "x")]))
    const object = decodeProtobuf(envelope("v1", "Secret", field(1, labels)))
    expect(JSON.stringify(object)).toContain('"labels":{"__proto__":"x"}')
  })
})

describe("objects that have no protobuf form", () => {
  test.each([
    [{ kind: "Secret" }, "without apiVersion and kind"],
    [{ apiVersion: "v1", kind: "Widget" }, 'no kind "Widget"'],
    [{ apiVersion: "v1", kind: "Secret", type: 5 }, "type: not a string"],
    [{ apiVersion: "v1", kind: "Secret", data: [] }, "data: not an object"],
    [
      { apiVersion: "apps/v1", kind: "Deployment", spec: { replicas: 1.5 } },
      "spec.replicas: not an",
    ],
    [
      { apiVersion: "v1", kind: "Secret", metadata: { creationTimestamp: "today" } },
      "metadata.creationTimestamp: not an RFC 3339 time",
    ],
  ])("%j is refused", (object, reason) => {
    expect(() => encodeProtobuf(object)).toThrow(reason)
  })
})

function caught(action: () => unknown): unknown {
  try {
    action()
  } catch (error) {
    return error
  }
  return undefined
}

function outcome(action: () => unknown): string {
  const error = caught(action)
  return error instanceof Error ? error.name : "decoded"
}
