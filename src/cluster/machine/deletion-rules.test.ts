import type { Cluster, Machine } from "#apis"
import type { UntypedObject } from "#meta"
import { expect, test } from "vitest"
import {
  isNodeDeletionOver,
  keepNodeReason,
  mayDrain,
  mayWaitForVolumes,
} from "./deletion-rules.ts"
import { phaseOf } from "./machine-status.ts"

const nowMs = Date.parse("2026-03-01T00:01:00Z")
const aMinuteAgo = "2026-03-01T00:00:00Z"

interface Traits {
  readonly metadata?: Partial<Machine["metadata"]>
  readonly spec?: Partial<Machine["spec"]>
  readonly status?: Machine["status"]
}

function aMachine({ metadata, spec, status }: Traits = {}): Machine {
  return {
    apiVersion: "cluster.x-k8s.io/v1beta2",
    kind: "Machine",
    metadata: { name: "m", ...metadata },
    spec: {
      clusterName: "c",
      bootstrap: {},
      infrastructureRef: { apiGroup: "g", kind: "K", name: "m" },
      ...spec,
    },
    status: { nodeRef: { name: "m" }, ...status },
  }
}

const leaving = { deletionTimestamp: aMinuteAgo }
const controlPlane = aMachine({
  metadata: { name: "cp", labels: { "cluster.x-k8s.io/control-plane": "" } },
})

function aCluster(metadata: Partial<Cluster["metadata"]> = {}): Cluster {
  return {
    apiVersion: "cluster.x-k8s.io/v1beta2",
    kind: "Cluster",
    metadata: { name: "c", ...metadata },
    spec: {},
  }
}

function anObject(metadata: Partial<UntypedObject["metadata"]> = {}, status = {}): UntypedObject {
  return { apiVersion: "g/v1", kind: "K", metadata: { name: "m", ...metadata }, status }
}

const usual = {
  machine: aMachine(),
  cluster: aCluster(),
  controlPlane: undefined,
  machines: [controlPlane],
}

test.each([
  ["a worker of a living cluster", usual, undefined],
  ["a cluster that is gone", { ...usual, cluster: undefined }, "the Cluster is gone"],
  [
    "a cluster that is going",
    { ...usual, cluster: aCluster(leaving) },
    "the Cluster is being deleted",
  ],
  [
    "a Machine without a Node",
    { ...usual, machine: { ...aMachine(), status: {} } },
    "there is no Node",
  ],
  [
    "a control plane that is going",
    { ...usual, controlPlane: anObject(leaving) },
    "the control plane is being deleted",
  ],
  ["no control plane Machine", { ...usual, machines: [] }, "no control plane Machine is left"],
  [
    "only a control plane Machine that is going",
    {
      ...usual,
      machines: [{ ...controlPlane, metadata: { ...controlPlane.metadata, ...leaving } }],
    },
    "no control plane Machine is left",
  ],
  [
    "a control plane that somebody else manages",
    {
      ...usual,
      machines: [],
      controlPlane: anObject({}, { externalManagedControlPlane: true }),
    },
    undefined,
  ],
])("with %s the Node is dealt with rightly", (_name, input, expected) => {
  expect(keepNodeReason(input)).toBe(expected)
})

const infrastructure = anObject()

test.each([
  ["a Machine that is to be drained", aMachine(), infrastructure, true],
  [
    "one that is excluded",
    aMachine({
      metadata: { annotations: { "machine.cluster.x-k8s.io/exclude-node-draining": "" } },
    }),
    infrastructure,
    false,
  ],
  ["one whose infrastructure is gone", aMachine(), undefined, false],
  ["one whose infrastructure is going", aMachine(), anObject(leaving), false],
  [
    "one that waits to be terminated",
    aMachine({ status: { deletion: { waitForPreTerminateHookStartTime: aMinuteAgo } } }),
    infrastructure,
    false,
  ],
  [
    "one whose time is over",
    aMachine({
      spec: { deletion: { nodeDrainTimeoutSeconds: 60 } },
      status: { deletion: { nodeDrainStartTime: aMinuteAgo } },
    }),
    infrastructure,
    false,
  ],
  [
    "one without a limit",
    aMachine({
      spec: { deletion: { nodeDrainTimeoutSeconds: 0 } },
      status: { deletion: { nodeDrainStartTime: "2020-01-01T00:00:00Z" } },
    }),
    infrastructure,
    true,
  ],
])("%s is drained or not", (_name, machine, object, expected) => {
  expect(mayDrain({ machine, infrastructure: object, nowMs })).toBe(expected)
})

test("waiting for volumes has a limit and an exclusion of its own", () => {
  const excluded = "machine.cluster.x-k8s.io/exclude-wait-for-node-volume-detach"
  const late = aMachine({
    spec: { deletion: { nodeVolumeDetachTimeoutSeconds: 30 } },
    status: { deletion: { waitForNodeVolumeDetachStartTime: aMinuteAgo } },
  })
  expect(mayWaitForVolumes({ machine: aMachine(), infrastructure, nowMs })).toBe(true)
  expect(mayWaitForVolumes({ machine: late, infrastructure, nowMs })).toBe(false)
  const machine = aMachine({ metadata: { annotations: { [excluded]: "" } } })
  expect(mayWaitForVolumes({ machine, infrastructure, nowMs })).toBe(false)
})

test.each([
  [10, true],
  [120, false],
  [0, false],
])("after a minute a limit of %d seconds for the Node is over: %s", (seconds, expected) => {
  const machine = aMachine({
    metadata: leaving,
    spec: { deletion: { nodeDeletionTimeoutSeconds: seconds } },
  })
  expect(isNodeDeletionOver(machine, nowMs)).toBe(expected)
})

const bootstrapped = { bootstrapDataSecretCreated: true }

test.each([
  ["Pending", {}, {}],
  ["Provisioning", {}, { initialization: bootstrapped }],
  ["Provisioned", { providerID: "x" }, { initialization: bootstrapped }],
  [
    "Running",
    { providerID: "x" },
    { initialization: { infrastructureProvisioned: true }, nodeRef: { name: "m" } },
  ],
] as const)("a Machine is %s when it has come that far", (phase, spec, status) => {
  expect(phaseOf({ ...aMachine({ spec }), status })).toBe(phase)
})
