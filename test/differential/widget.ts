import type { Schema } from "#schema"

const text: Schema = { type: "string" }
const number: Schema = { type: "integer" }

/** One field of each way to merge. */
export const widgetSchema: Schema = {
  type: "object",
  properties: {
    spec: {
      type: "object",
      properties: {
        text,
        number,
        flag: { type: "boolean" },
        labels: { type: "object", additionalProperties: text },
        set: { type: "array", items: text, "x-kubernetes-list-type": "set" },
        numbers: { type: "array", items: number, "x-kubernetes-list-type": "set" },
        plain: { type: "array", items: text },
        items: {
          type: "array",
          items: {
            type: "object",
            required: ["name"],
            properties: {
              name: text,
              v: number,
              w: number,
              tags: { type: "array", items: text, "x-kubernetes-list-type": "set" },
            },
          },
          "x-kubernetes-list-type": "map",
          "x-kubernetes-list-map-keys": ["name"],
        },
        ports: {
          type: "array",
          items: {
            type: "object",
            required: ["port"],
            properties: { port: number, protocol: { type: "string", default: "TCP" }, name: text },
          },
          "x-kubernetes-list-type": "map",
          "x-kubernetes-list-map-keys": ["port", "protocol"],
        },
        whole: {
          type: "object",
          properties: { a: text, b: text },
          "x-kubernetes-map-type": "atomic",
        },
        group: {
          type: "object",
          properties: { a: text, b: text, inner: { type: "object", properties: { c: text } } },
        },
        table: {
          type: "object",
          additionalProperties: { type: "object", properties: { a: text, b: text } },
        },
        open: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
        half: {
          type: "object",
          properties: { known: text },
          "x-kubernetes-preserve-unknown-fields": true,
        },
        either: { "x-kubernetes-int-or-string": true },
        embedded: {
          type: "object",
          "x-kubernetes-embedded-resource": true,
          "x-kubernetes-preserve-unknown-fields": true,
        },
        time: { type: "string", format: "date-time" },
      },
    },
    status: {
      type: "object",
      properties: {
        phase: text,
        conditions: {
          type: "array",
          items: {
            type: "object",
            required: ["type"],
            properties: { type: text, status: text, reason: text },
          },
          "x-kubernetes-list-type": "map",
          "x-kubernetes-list-map-keys": ["type"],
        },
      },
    },
  },
}
