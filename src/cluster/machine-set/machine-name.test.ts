import type { MachineSet } from "#apis"
import { expect, test } from "vitest"
import { machineName } from "./machine-name.ts"

function aMachineSet(name: string, template?: string): MachineSet {
  return {
    apiVersion: "cluster.x-k8s.io/v1beta2",
    kind: "MachineSet",
    metadata: { name, uid: "set-uid" },
    spec: {
      clusterName: "edge",
      selector: {},
      ...(template ? { machineNaming: { template } } : {}),
      template: {
        spec: {
          clusterName: "edge",
          bootstrap: {},
          infrastructureRef: { apiGroup: "g", kind: "K", name: "t" },
        },
      },
    },
  }
}

test("a number gives the same name every time, and another set another one", () => {
  const name = machineName(aMachineSet("ms"), 7)
  expect(name).toMatch(/^ms-[a-z0-9]{5}$/)
  expect(machineName(aMachineSet("ms"), 7)).toBe(name)
  const other = { ...aMachineSet("ms"), metadata: { name: "ms", uid: "other" } }
  expect(machineName(other, 7)).not.toBe(name)
})

test("a thousand Machines get a thousand names", () => {
  const names = Array.from({ length: 1_000 }, (_, index) => machineName(aMachineSet("ms"), index))
  expect(new Set(names).size).toBe(1_000)
})

test.each([
  ["ms", "{{ .cluster.name }}-{{ .machineSet.name }}-{{ .random }}", /^edge-ms-[a-z0-9]{5}$/],
  ["ms", "{{.random}}-x", /^[a-z0-9]{5}-x$/],
  ["m".repeat(80), undefined, /^m{57}-[a-z0-9]{5}$/],
])("set %s with template %s names Machines like %s", (name, template, expected) => {
  expect(machineName(aMachineSet(name, template), 0)).toMatch(expected)
})
