import { expect, expectTypeOf, test } from "vitest"
import { s, type TypeOf } from "./builder.ts"
import { compileSchema } from "./compile.ts"
import { validateStructural } from "./structural.ts"

const gate = s.object("One gate.", {
  conditionType: s.string("Condition to wait for.", { minLength: 1, maxLength: 316 }),
  polarity: s.optional(s.enum("Which way is good.", ["Positive", "Negative"])),
})

const spec = s.object(
  "Desired state.",
  {
    clusterName: s.string("Cluster.", { minLength: 1, maxLength: 63 }),
    replicas: s.withDefault(s.int32("How many.", { minimum: 0 }), 1),
    gates: s.optional(s.list("Gates.", gate, { maxItems: 32, key: ["conditionType"] })),
    finalizers: s.optional(s.list("Finalizers.", s.string("Name."), { set: true })),
    args: s.optional(s.list("Arguments.", s.string("One argument."))),
    labels: s.optional(s.map("Labels.", s.string("Value."))),
    port: s.optional(s.intOrString("Port.")),
    extra: s.optional(s.any("Anything.")),
    since: s.optional(s.time("When.")),
  },
  { minProperties: 1, atomic: true },
)

test("a built object is the plain schema a CRD would carry", () => {
  expect(spec).toEqual({
    type: "object",
    description: "Desired state.",
    required: ["clusterName"],
    minProperties: 1,
    "x-kubernetes-map-type": "atomic",
    properties: {
      clusterName: { type: "string", description: "Cluster.", minLength: 1, maxLength: 63 },
      replicas: {
        type: "integer",
        format: "int32",
        description: "How many.",
        minimum: 0,
        default: 1,
      },
      gates: {
        type: "array",
        description: "Gates.",
        maxItems: 32,
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["conditionType"],
        items: {
          type: "object",
          description: "One gate.",
          required: ["conditionType"],
          properties: {
            conditionType: {
              type: "string",
              description: "Condition to wait for.",
              minLength: 1,
              maxLength: 316,
            },
            polarity: {
              type: "string",
              description: "Which way is good.",
              enum: ["Positive", "Negative"],
            },
          },
        },
      },
      finalizers: {
        type: "array",
        description: "Finalizers.",
        "x-kubernetes-list-type": "set",
        items: { type: "string", description: "Name." },
      },
      args: {
        type: "array",
        description: "Arguments.",
        "x-kubernetes-list-type": "atomic",
        items: { type: "string", description: "One argument." },
      },
      labels: {
        type: "object",
        description: "Labels.",
        additionalProperties: { type: "string", description: "Value." },
      },
      port: { description: "Port.", "x-kubernetes-int-or-string": true },
      extra: { description: "Anything.", "x-kubernetes-preserve-unknown-fields": true },
      since: { type: "string", format: "date-time", description: "When." },
    },
  })
})

test("the type of an object has its optional fields optional and everything read-only", () => {
  expectTypeOf<TypeOf<typeof gate>>().toEqualTypeOf<{
    readonly conditionType: string
    readonly polarity?: "Positive" | "Negative" | undefined
  }>()
  type Spec = TypeOf<typeof spec>
  expectTypeOf<Spec["replicas"]>().toEqualTypeOf<number>()
  expectTypeOf<Spec["port"]>().toEqualTypeOf<number | string | undefined>()
  expectTypeOf<Spec["gates"]>().toEqualTypeOf<readonly TypeOf<typeof gate>[] | undefined>()
  const value: Spec = { clusterName: "edge", replicas: 3 }
  // @ts-expect-error a field of the wrong type does not compile
  const wrong: Spec = { clusterName: 3, replicas: 3 }
  // @ts-expect-error a missing required field does not compile
  const missing: Spec = { replicas: 3 }
  expect([value, wrong, missing]).toHaveLength(3)
})

test("what is built is structural", () => {
  const schema = { type: "object", properties: { spec } } as const
  expect(validateStructural(schema, "schema")).toEqual([])
})

test("a field with a default may be left out by writers and is there for readers", () => {
  const compiled = compileSchema({ type: "object", properties: { spec } })
  const value = compiled.applyDefaults({ spec: { clusterName: "edge" } })
  expect(value).toEqual({ spec: { clusterName: "edge", replicas: 1 } })
  expect(compiled.validate(value)).toEqual([])
})

test("a list cannot merge both by key and as a set", () => {
  expect(() => s.list("Both.", gate, { key: ["conditionType"], set: true })).toThrow("not both")
})

test("a reference carries the name of its definition", () => {
  expect(s.ref<{ readonly name: string }>("ObjectMeta")).toEqual({
    $ref: "#/definitions/ObjectMeta",
  })
})
