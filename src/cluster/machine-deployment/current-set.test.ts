import type { MachineDeployment, MachineSet, MachineTemplate } from "#apis"
import { expect, test } from "vitest"
import { rolloutDueInMs, splitSets } from "./current-set.ts"
import { currentRevision } from "./desired-set.ts"

const nowMs = Date.parse("2026-03-01T12:00:00Z")

function aTemplate(changes: Partial<MachineTemplate["spec"]> = {}): MachineTemplate {
  return {
    spec: {
      clusterName: "c",
      version: "v1.34.4",
      bootstrap: { configRef: { apiGroup: "b", kind: "T", name: "t" } },
      infrastructureRef: { apiGroup: "g", kind: "K", name: "t" },
      ...changes,
    },
  }
}

interface Traits {
  readonly template?: MachineTemplate
  readonly replicas?: number
  readonly createdAt?: string
  readonly revision?: string
}

function aSet(name: string, traits: Traits = {}): MachineSet {
  const { template = aTemplate(), replicas = 1, createdAt = "2026-03-01T00:00:00Z" } = traits
  const { revision } = traits
  return {
    apiVersion: "cluster.x-k8s.io/v1beta2",
    kind: "MachineSet",
    metadata: {
      name,
      creationTimestamp: createdAt,
      ...(revision
        ? { annotations: { "machinedeployment.clusters.x-k8s.io/revision": revision } }
        : {}),
    },
    spec: { clusterName: "c", replicas, selector: {}, template },
  }
}

function aDeployment(template = aTemplate(), after?: string): MachineDeployment {
  return {
    apiVersion: "cluster.x-k8s.io/v1beta2",
    kind: "MachineDeployment",
    metadata: { name: "md" },
    spec: {
      clusterName: "c",
      selector: {},
      template,
      ...(after ? { rollout: { after } } : {}),
    },
  }
}

function currentName(deployment: MachineDeployment, ...sets: readonly MachineSet[]) {
  return splitSets(deployment, sets, nowMs).current?.metadata.name
}

test.each([
  ["the same template", {}, "a"],
  ["another version", { version: "v1.35.0" }, undefined],
  ["another failure domain", { failureDomain: "z" }, undefined],
  [
    "another infrastructure template",
    { infrastructureRef: { apiGroup: "g", kind: "K", name: "other" } },
    undefined,
  ],
  ["another bootstrap Secret", { bootstrap: { dataSecretName: "s" } }, undefined],
  ["another patience with its Node", { deletion: { nodeDrainTimeoutSeconds: 1 } }, "a"],
  ["another minReadySeconds", { minReadySeconds: 9 }, "a"],
] as const)("a deployment with %s has the right current set", (_name, changes, expected) => {
  expect(currentName(aDeployment(aTemplate(changes)), aSet("a"))).toBe(expected)
})

test("of two sets that match the one with more Machines is current", () => {
  expect(currentName(aDeployment(), aSet("a"), aSet("b", { replicas: 3 }))).toBe("b")
})

test.each([
  ["2026-03-01T06:00:00Z", undefined],
  ["2026-02-01T00:00:00Z", "a"],
  ["2026-03-02T00:00:00Z", "a"],
])("with rollout.after %s the set of midnight is %s", (after, expected) => {
  expect(currentName(aDeployment(aTemplate(), after), aSet("a"))).toBe(expected)
})

test("a rollout that is planned is waited for", () => {
  expect(rolloutDueInMs(aDeployment(aTemplate(), "2026-03-01T13:00:00Z"), nowMs)).toBe(3_600_000)
  expect(rolloutDueInMs(aDeployment(aTemplate(), "2026-03-01T11:00:00Z"), nowMs)).toBeUndefined()
})

test("revisions only grow", () => {
  const old = aSet("a", { revision: "4" })
  const current = aSet("b", { revision: "2" })
  expect(currentRevision(aDeployment(), undefined, [])).toBe(1)
  expect(currentRevision(aDeployment(), undefined, [old])).toBe(5)
  expect(currentRevision(aDeployment(), current, [old])).toBe(5)
  expect(currentRevision(aDeployment(), current, [])).toBe(2)
})
