import { expect, test } from "vitest"
import type { ManagedFieldsEntry } from "../object-meta.ts"
import { parentManagedFields, scaleManagedFields, type ScaleMapping } from "./scale-fields.ts"

const mapping: ScaleMapping = {
  apiVersion: "apps/v1",
  replicasPath: (apiVersion) => (apiVersion === "apps/v1" ? ["spec", "replicas"] : undefined),
}

function entry(manager: string, fieldsV1: object, more: object = {}): ManagedFieldsEntry {
  return {
    manager,
    operation: "Update",
    apiVersion: "apps/v1",
    time: "2026-01-01T00:00:00Z",
    fieldsType: "FieldsV1",
    fieldsV1,
    ...more,
  } as ManagedFieldsEntry
}

const replicas = { "f:spec": { "f:replicas": {} } }
const both = { "f:spec": { "f:replicas": {}, "f:selector": {} } }

test("a Scale shows only who owns the replicas, in its own terms", () => {
  const parent = [entry("one", both), entry("two", { "f:spec": { "f:selector": {} } })]
  expect(scaleManagedFields(mapping, parent)).toEqual([
    entry("one", replicas, { apiVersion: "autoscaling/v1" }),
  ])
})

test("a write to the Scale takes the replicas from their owner", () => {
  const scaler = { apiVersion: "autoscaling/v1", subresource: "scale" }
  const scale = [entry("scaler", replicas, scaler)]
  expect(parentManagedFields(mapping, [entry("one", both)], scale)).toEqual([
    entry("one", { "f:spec": { "f:selector": {} } }),
    entry("scaler", replicas, { subresource: "scale" }),
  ])
})

test("an owner of nothing else has no entry left", () => {
  const scale = [entry("scaler", replicas, { operation: "Apply", subresource: "scale" })]
  const entries = parentManagedFields(mapping, [entry("one", replicas)], scale)
  expect(entries?.map(({ manager }) => manager)).toEqual(["scaler"])
})

test("scaling without taking anything leaves the parent's list as it is", () => {
  const parent = [entry("one", both)]
  const scale = scaleManagedFields(mapping, parent)
  expect(parentManagedFields(mapping, parent, scale)).toBe(parent)
})
