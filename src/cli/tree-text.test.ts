import { expect, test } from "vitest"
import type { Health, TreeNode } from "#explain"
import { formatAge, renderTree } from "./tree-text.ts"

const nowMs = Date.parse("2026-03-01T12:00:00Z")

function node(title: string, health: Partial<Health>, children: TreeNode[] = []): TreeNode {
  const whole: Health = { state: "ready", reason: "Ready", message: "", ...health }
  return { title, object: undefined, health: whole, children }
}

const since = "2026-03-01T11:59:55Z"

const tree = node("Cluster/edge", { state: "working", reason: "NotAvailable", since }, [
  node("RemoteCluster/edge", { since }),
  node("Machine/edge-0", { state: "stuck", reason: "HostInUse", message: "by other\nplane" }, [
    node("RemoteMachine/edge-0", { state: "unknown", reason: "NotSeenYet" }),
  ]),
])

test("a tree has a line for each object, in columns", () => {
  expect(renderTree(tree, { nowMs, color: false })).toEqual([
    "Cluster/edge              …     5s  NotAvailable",
    "├─RemoteCluster/edge      ✓     5s  Ready",
    "└─Machine/edge-0          ✗         HostInUse by other",
    "  └─RemoteMachine/edge-0  ?         NotSeenYet",
  ])
})

test("conditions stand below their objects", () => {
  const conditions = [
    { type: "Ready", status: "True", reason: "Ready", lastTransitionTime: since },
    { type: "Paused", status: "False", reason: "NotPaused", message: "a\nb" },
  ] as const
  const object = {
    apiVersion: "v1",
    kind: "Machine",
    metadata: { name: "edge-0" },
    status: { conditions },
  }
  const parent: TreeNode = {
    ...node("Cluster/edge", {}, [{ ...node("Machine/edge-0", {}), object }, node("Last/one", {})]),
    object,
  }

  expect(renderTree(parent, { nowMs, color: false, conditions: true })).toEqual([
    "Cluster/edge      ✓         Ready",
    "│   Ready=True 5s Ready",
    "│   Paused=False NotPaused a b",
    "├─Machine/edge-0  ✓         Ready",
    "│     Ready=True 5s Ready",
    "│     Paused=False NotPaused a b",
    "└─Last/one        ✓         Ready",
  ])
})

test("a summary that only announces what follows goes on with it", () => {
  const message = "* Machine edge-0:\n  * NodeHealthy: Waiting for a Node"
  const waiting = node("MachineSet/edge", { state: "working", reason: "NotReady", message })

  expect(renderTree(waiting, { nowMs, color: false })).toEqual([
    "MachineSet/edge  …         NotReady Machine edge-0: NodeHealthy: Waiting for a Node",
  ])
})

test("lines are cut at the edge of the screen", () => {
  const lines = renderTree(tree, { nowMs, color: false, width: 50 })

  expect(lines[2]).toBe("└─Machine/edge-0          ✗         HostInUse by …")
  expect(lines.every((line) => line.length <= 50)).toBe(true)
})

test("on a narrow screen the middle of long names goes before the reason does", () => {
  const long = node("Cluster/edge", {}, [
    node("Machine/edge-workers-n6fkx-5c6n2", { state: "working", reason: "WaitingForNode", since }),
  ])

  expect(renderTree(long, { nowMs, color: false, width: 50 })).toEqual([
    "Cluster/edge              ✓         Ready",
    "└─Machine/edge-w…x-5c6n2  …     5s  WaitingForNode",
  ])
})

test.each([
  [0, "0s"],
  [59_000, "59s"],
  [61_000, "1m1s"],
  [3_600_000, "1h0m"],
  [90_000_000, "1d1h"],
  [-5_000, "0s"],
])("%i ms ago is %s", (ms, text) => {
  expect(formatAge(new Date(nowMs - ms).toISOString(), nowMs)).toBe(text)
})
