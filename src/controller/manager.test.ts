import { expect, test } from "vitest"
import { Client } from "#client"
import { done, type Outcome, TerminalError, waitFor } from "#controller"
import { type Condition, findCondition } from "#meta"
import { Bench, WidgetKind } from "./testing/bench.ts"
import { aController, key } from "./testing/widgets.ts"

test("phases run in order until one waits, and observe turns the wait into a condition", async () => {
  const ran: string[] = []
  function first(): Outcome {
    ran.push("first")
    return done
  }
  function second(): Outcome {
    ran.push("second")
    return waitFor("NotYet", { message: "waiting for the moon", afterMs: 1_000 })
  }
  function third(): Outcome {
    ran.push("third")
    return done
  }
  await using bench = await Bench.start(
    aController({
      reconcile: [first, second, third],
      conditions: ["Ready"],
      observe: (_scope, result) => ({
        phase: result.outcomeOf(third) === undefined ? "Stuck" : "Through",
        conditions: result.waits.map(({ reason, message }) => ({
          type: "Ready",
          status: "False",
          reason,
          message,
        })),
      }),
    }),
  )

  await bench.create()

  expect(ran).toEqual(["first", "second", "first", "second"])
  const { status, metadata } = await bench.widget()
  expect(status).toMatchObject({ phase: "Stuck", observedGeneration: 1 })
  expect(findCondition({ status }, "Ready")).toMatchObject({
    status: "False",
    reason: "NotYet",
    message: "waiting for the moon",
    observedGeneration: 1,
  })
  expect(metadata.managedFields).toMatchObject([
    { manager: "mothership-widget", operation: "Apply", subresource: "status" },
    { manager: "test", operation: "Update" },
  ])

  await bench.advance(1_000)
  expect(ran).toHaveLength(6)
  expect((await bench.widget()).metadata.resourceVersion).toBe(metadata.resourceVersion)
})

test("a wait that does not stop lets later phases run", async () => {
  const ran: string[] = []
  await using bench = await Bench.start(
    aController({
      reconcile: [
        () => waitFor("A", { stop: false }),
        () => {
          ran.push("later")
          return done
        },
      ],
    }),
  )

  await bench.create()

  expect(ran).toEqual(["later"])
})

test("edits become one locked patch, seen by later phases and by observe", async () => {
  const patches: string[] = []
  await using bench = await Bench.start(
    aController({
      reconcile: [
        (scope) => {
          scope.edit((draft) => {
            draft.spec.size = 3
          })
          scope.edit((draft) => {
            draft.metadata.labels = { size: String(scope.object.spec.size) }
          })
          return done
        },
        (scope) => {
          patches.push(`${scope.object.metadata.generation}`)
          return done
        },
      ],
      observe: (scope) => ({ phase: `${scope.object.spec.size}` }),
    }),
  )

  await bench.create()

  expect(patches[0]).toBe("1")
  expect(await bench.widget()).toMatchObject({
    metadata: { generation: 2, labels: { size: "3" } },
    spec: { size: 3 },
    status: { phase: "3", observedGeneration: 2 },
  })
})

test("a status that an edit made earlier in the pass reaches observe", async () => {
  await using bench = await Bench.start(
    aController({
      reconcile: [
        (scope) => {
          scope.editStatus((draft) => {
            draft.note ??= "noted"
          })
          scope.edit((draft) => {
            draft.spec.size = 1
          })
          return done
        },
      ],
      observe: (scope) => ({ note: scope.object.status?.note }),
    }),
  )

  await bench.create()

  expect((await bench.widget()).status).toMatchObject({ note: "noted" })
})

test("the finalizer is there before a phase runs and goes when teardown is done", async () => {
  const ran: string[] = []
  let isFree = false
  await using bench = await Bench.start(
    aController({
      finalizer: "widget.test.dev",
      reconcile: [
        (scope) => {
          ran.push(`work with ${scope.object.metadata.finalizers}`)
          return done
        },
      ],
      teardown: [
        () => {
          ran.push("teardown")
          return isFree ? done : waitFor("Busy", { afterMs: 5_000 })
        },
      ],
      observe: (_scope, result) => ({ phase: result.deleting ? "Deleting" : "Running" }),
    }),
  )
  await bench.create()
  expect(ran[0]).toBe("work with widget.test.dev")

  await bench.client.delete(WidgetKind, key)
  await bench.settle()
  expect((await bench.widget()).status).toMatchObject({ phase: "Deleting" })

  isFree = true
  await bench.advance(5_000)
  expect(await bench.client.find(WidgetKind, key)).toBeUndefined()
  expect(ran.at(-1)).toBe("teardown")
})

test("observe runs after a failure, the failure is logged and retried with backoff", async () => {
  let failures = 3
  function fetchParts(): Outcome {
    if (failures === 0) return done
    failures -= 1
    throw new Error("fetch parts: out of stock")
  }
  await using bench = await Bench.start(
    aController({
      reconcile: [fetchParts],
      observe: (_scope, { error, failedPhase }) => ({
        phase: failedPhase ?? "Fine",
        note: error?.message,
      }),
    }),
  )

  await bench.create()
  expect((await bench.widget()).status).toMatchObject({
    phase: "fetchParts",
    note: "fetch parts: out of stock",
  })
  expect(bench.logged[0]).toContain('"phase":"fetchParts"')

  for (let attempt = 0; attempt < 4; attempt += 1) await bench.advance(100)
  const { status } = await bench.widget()
  expect(status).toMatchObject({ phase: "Fine" })
  expect(status).not.toHaveProperty("note")
})

test("a terminal error is not retried", async () => {
  let runs = 0
  await using bench = await Bench.start(
    aController({
      reconcile: [
        () => {
          runs += 1
          throw new TerminalError("read plan: nonsense")
        },
      ],
    }),
  )

  await bench.create()
  await bench.advance(3_600_000)

  expect(runs).toBe(1)
})

test("a write conflict is tried again quietly and never reaches observe", async () => {
  let runs = 0
  const errors: unknown[] = []
  let bench: Bench | undefined = undefined
  const controller = aController({
    reconcile: [
      async (scope) => {
        runs += 1
        if (runs === 1) {
          const body = { metadata: { labels: { raced: "yes" } } }
          await bench?.client.patch(WidgetKind, key, { type: "merge", body })
        }
        scope.edit((draft) => {
          draft.spec.size = 7
        })
        return done
      },
    ],
    observe: (_scope, { error }) => {
      errors.push(error)
      return {}
    },
  })
  bench = await Bench.start(controller)
  await using _ = bench

  await bench.create()

  expect(await bench.widget()).toMatchObject({
    metadata: { labels: { raced: "yes" } },
    spec: { size: 7 },
  })
  expect(errors.every((error) => error === undefined)).toBe(true)
  expect(bench.logged).toEqual([])
})

test("a paused object is left alone except for its condition, and resumes", async () => {
  let runs = 0
  await using bench = await Bench.start(
    aController({
      conditions: ["Paused", "Ready"],
      reconcile: [
        () => {
          runs += 1
          return done
        },
      ],
      observe: () => ({
        phase: "Running",
        conditions: [{ type: "Ready", status: "True", reason: "Ready" }],
      }),
      pausedBy: (scope) => (scope.object.spec.size === 99 ? "size 99 pauses" : undefined),
    }),
  )
  await bench.create()
  expect(findCondition(await bench.widget(), "Paused")).toMatchObject({
    status: "False",
    reason: "NotPaused",
  })
  const runsBefore = runs

  const pause = { metadata: { annotations: { "cluster.x-k8s.io/paused": "" } }, spec: { size: 99 } }
  await bench.client.patch(WidgetKind, key, { type: "merge", body: pause })
  await bench.settle()
  const paused = await bench.widget()
  expect(runs).toBe(runsBefore)
  expect(findCondition(paused, "Paused")).toMatchObject({
    status: "True",
    reason: "Paused",
    message: "size 99 pauses, Widget has the cluster.x-k8s.io/paused annotation",
    observedGeneration: 2,
  })
  expect(findCondition(paused, "Ready")).toMatchObject({ status: "True" })
  expect(paused.status).toMatchObject({ observedGeneration: 1 })

  const resume = { metadata: { annotations: null }, spec: { size: null } }
  await bench.client.patch(WidgetKind, key, { type: "merge", body: resume })
  await bench.settle()
  expect(runs).toBeGreaterThan(runsBefore)
  expect(findCondition(await bench.widget(), "Paused")).toMatchObject({ status: "False" })
})

test("foreign conditions stay when the status is applied", async () => {
  await using bench = await Bench.start(
    aController({
      conditions: ["Ready"],
      reconcile: [() => done],
      observe: (scope) => ({
        conditions: [{ type: "Ready", status: "True", reason: `Size${scope.object.spec.size}` }],
      }),
    }),
  )
  await bench.create({ spec: { size: 1 } })
  const lastTransitionTime = "2026-01-01T00:00:00Z"
  const foreign = { type: "Foreign", status: "True", reason: "X", message: "", lastTransitionTime }
  const other = new Client(bench.client.transport, { fieldManager: "other" })
  await other.applyStatus(WidgetKind, {
    metadata: key,
    status: { conditions: [foreign as Condition] },
  })

  const grow = { type: "merge", body: { spec: { size: 2 } } } as const
  await bench.client.patch(WidgetKind, key, grow)
  await bench.settle()

  const widget = await bench.widget()
  expect(findCondition(widget, "Ready")).toMatchObject({ reason: "Size2" })
  expect(findCondition(widget, "Foreign")).toMatchObject(foreign)
})
