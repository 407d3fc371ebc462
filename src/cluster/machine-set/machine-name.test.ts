import type { Machine, MachineSet } from "#apis"
import { expect, test } from "vitest"
import { nextMachineName } from "./machine-name.ts"

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

function machines(...uids: readonly string[]): readonly Machine[] {
  return uids.map((uid) => ({ metadata: { name: uid, uid } }) as Machine)
}

test("the same Machines give the same name, in whatever order, others give another", () => {
  const machineSet = aMachineSet("ms")
  const name = nextMachineName(machineSet, machines("a", "b"))
  expect(name).toMatch(/^ms-[a-z0-9]{5}$/)
  expect(nextMachineName(machineSet, machines("b", "a"))).toBe(name)
  expect(nextMachineName(machineSet, machines("a", "b", "c"))).not.toBe(name)
  expect(nextMachineName(machineSet, machines("a"))).not.toBe(name)
})

test("a thousand Machines in a row get a thousand names", () => {
  const machineSet = aMachineSet("ms")
  const names = new Set<string>()
  const uids: string[] = []
  for (let index = 0; index < 1_000; index += 1) {
    names.add(nextMachineName(machineSet, machines(...uids)))
    uids.splice(0, uids.length, `uid-${index}`)
  }
  expect(names.size).toBe(1_000)
})

test.each([
  ["ms", "{{ .cluster.name }}-{{ .machineSet.name }}-{{ .random }}", /^edge-ms-[a-z0-9]{5}$/],
  ["ms", "{{.random}}-x", /^[a-z0-9]{5}-x$/],
  ["m".repeat(80), undefined, /^m{57}-[a-z0-9]{5}$/],
])("set %s with template %s names Machines like %s", (name, template, expected) => {
  expect(nextMachineName(aMachineSet(name, template), [])).toMatch(expected)
})
