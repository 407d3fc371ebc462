import { expect, test } from "vitest"
import { kindOfManifest, parseObjectName } from "./resource-kind.ts"

test.each([
  ["machine/edge-0", "Machine", "edge-0"],
  ["machines/edge-0", "Machine", "edge-0"],
  ["MachineDeployment/edge", "MachineDeployment", "edge"],
  ["cl/edge", "Cluster", "edge"],
])("%s names a %s", (text, kind, name) => {
  const parsed = parseObjectName(text)

  expect([parsed.kind.kind, parsed.name]).toEqual([kind, name])
})

test.each(["machine", "machine/", "machine/a/b", "nonsense/a"])("%s names nothing", (text) => {
  expect(() => parseObjectName(text)).toThrow(/is not KIND\/NAME|there is no kind/)
})

test("a manifest is applied in the version that it is written in", () => {
  const older = kindOfManifest({ apiVersion: "cluster.x-k8s.io/v1beta1", kind: "Cluster" })

  expect(older).toMatchObject({ version: "v1beta1", plural: "clusters", namespaced: true })
  expect(kindOfManifest({ apiVersion: "v1", kind: "Namespace" }).namespaced).toBe(false)
  expect(() => kindOfManifest({ apiVersion: "v9", kind: "Cluster" })).toThrow(
    "apply Cluster: nobody here knows v9",
  )
})
