import type { Pod } from "#apis"
import { expect, test } from "vitest"
import { planPods, type PodPlan } from "./pod-plan.ts"

const nowMs = Date.parse("2026-03-01T00:00:00Z")

interface Traits {
  readonly daemonSet?: string
  readonly phase?: "Running" | "Succeeded" | "Failed"
  readonly drain?: string
  readonly isMirror?: boolean
  readonly deletedAgoMs?: number
}

function aPod(name: string, traits: Traits = {}): Pod {
  const { daemonSet, phase = "Running", drain, isMirror, deletedAgoMs } = traits
  const deletionTimestamp =
    deletedAgoMs === undefined ? undefined : new Date(nowMs - deletedAgoMs).toISOString()
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      namespace: "ns",
      deletionTimestamp,
      ...(drain ? { labels: { "cluster.x-k8s.io/drain": drain } } : {}),
      ...(isMirror ? { annotations: { "kubernetes.io/config.mirror": "x" } } : {}),
      ...(daemonSet
        ? {
            ownerReferences: [
              {
                apiVersion: "apps/v1",
                kind: "DaemonSet",
                name: daemonSet,
                uid: "u",
                controller: true,
              },
            ],
          }
        : {}),
    },
    status: { phase },
  }
}

function groupOf(pod: Pod, isUnreachable = false): keyof PodPlan | undefined {
  const plan = planPods({ pods: [pod], daemonSets: new Set(["ns/ds"]), isUnreachable, nowMs })
  return (Object.keys(plan) as (keyof PodPlan)[]).find((group) => plan[group].length > 0)
}

test.each([
  ["a plain Pod", {}, "evict"],
  ["a finished Pod", { phase: "Succeeded" }, "evict"],
  ["a Pod that is leaving", { deletedAgoMs: 60_000 }, "leaving"],
  ["a DaemonSet's Pod", { daemonSet: "ds" }, "skipped"],
  ["a finished Pod of a DaemonSet", { daemonSet: "ds", phase: "Failed" }, "evict"],
  ["a Pod whose DaemonSet is gone", { daemonSet: "other" }, "evict"],
  ["a static Pod", { isMirror: true }, "skipped"],
  ["a Pod that wants to be skipped", { drain: "Skip" }, "skipped"],
  ["a Pod that wants to complete", { drain: "wait-completed" }, "awaitNow"],
  ["a Pod that has completed", { drain: "wait-completed", phase: "Succeeded" }, "skipped"],
  ["a Pod with an unknown wish", { drain: "maybe" }, "evict"],
] as const)("%s is put where it belongs", (_name, traits, group) => {
  expect(groupOf(aPod("p", traits))).toBe(group)
})

test("on a silent Node a Pod that should have gone is not waited for", () => {
  expect(groupOf(aPod("p", { deletedAgoMs: 5_000 }), true)).toBe("skipped")
  expect(groupOf(aPod("p", { deletedAgoMs: 500 }), true)).toBe("leaving")
  expect(groupOf(aPod("p"), true)).toBe("evict")
})

test("Pods are evicted by namespace and name", () => {
  const pods = ["c", "a", "b"].map((name) => aPod(name))
  const plan = planPods({ pods, daemonSets: new Set(), isUnreachable: false, nowMs })
  expect(plan.evict.map((pod) => pod.metadata.name)).toEqual(["a", "b", "c"])
})
