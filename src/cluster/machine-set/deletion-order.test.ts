import type { Machine } from "#apis"
import { expect, test } from "vitest"
import { deletionOrder, deletionPriority } from "./deletion-order.ts"

const nowMs = Date.parse("2026-03-01T00:00:00Z")
const dayMs = 24 * 60 * 60 * 1000

interface Traits {
  readonly ageDays?: number
  readonly isDeleting?: boolean
  readonly isMarked?: boolean
  readonly hasNode?: boolean
  readonly conditions?: Readonly<Record<string, "True" | "False" | "Unknown">>
}

function aMachine(name: string, traits: Traits = {}): Machine {
  const { ageDays = 1, isDeleting, isMarked, hasNode = true, conditions = {} } = traits
  return {
    apiVersion: "cluster.x-k8s.io/v1beta2",
    kind: "Machine",
    metadata: {
      name,
      creationTimestamp: new Date(nowMs - ageDays * dayMs).toISOString(),
      ...(isDeleting ? { deletionTimestamp: new Date(nowMs).toISOString() } : {}),
      ...(isMarked ? { annotations: { "cluster.x-k8s.io/delete-machine": "" } } : {}),
    },
    spec: {
      clusterName: "c",
      bootstrap: {},
      infrastructureRef: { apiGroup: "g", kind: "K", name },
    },
    status: {
      ...(hasNode ? { nodeRef: { name } } : {}),
      conditions: Object.entries(conditions).map(([type, status]) => ({
        type,
        status,
        reason: "R",
      })),
    },
  }
}

test.each([
  ["one that is being deleted", { isDeleting: true, isMarked: true }, 100],
  ["one that somebody marked", { isMarked: true, hasNode: false }, 80],
  ["one without a Node", { hasNode: false }, 50],
  ["one with an unhealthy Node", { conditions: { NodeHealthy: "False" } }, 50],
  ["one that failed its health check", { conditions: { HealthCheckSucceeded: "False" } }, 50],
  ["one whose Node is not known of", { conditions: { NodeHealthy: "Unknown" } }, 20],
  ["a healthy one", {}, 20],
] as const)("in random order %s has its priority", (_name, traits, expected) => {
  expect(deletionPriority(aMachine("a", traits), "Random", nowMs)).toBe(expected)
})

test.each([
  ["Random", ["going", "marked", "broken", "new", "old"]],
  ["Oldest", ["going", "marked", "broken", "old", "new"]],
  ["Newest", ["going", "marked", "broken", "new", "old"]],
] as const)("%s puts Machines into this order", (order, expected) => {
  const machines = [
    aMachine("old", { ageDays: 30 }),
    aMachine("new", { ageDays: 1 }),
    aMachine("broken", { hasNode: false }),
    aMachine("marked", { isMarked: true }),
    aMachine("going", { isDeleting: true }),
  ]
  expect(deletionOrder(machines, order, nowMs).map(({ metadata }) => metadata.name)).toEqual(
    expected,
  )
})

test("equals go by name, whatever order they come in", () => {
  const machines = ["b", "c", "a"].map((name) => aMachine(name))
  expect(deletionOrder(machines, "Random", nowMs).map(({ metadata }) => metadata.name)).toEqual([
    "a",
    "b",
    "c",
  ])
})
