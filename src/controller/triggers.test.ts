import { expect, test } from "vitest"
import { type Event, EventKind, SecretKind } from "#apis"
import { AccessError, done, mapped, owned, referenced, waitFor } from "#controller"
import type { UntypedObject } from "#meta"
import { Bench, type Gadget, GadgetKind, WidgetKind } from "./testing/bench.ts"
import { aController, gadgetOf, key, secretNamed, type WidgetScope } from "./testing/widgets.ts"

test("owned objects trigger their owner", async () => {
  const seen: number[] = []
  await using bench = await Bench.start(
    aController({
      triggers: [owned(GadgetKind)],
      reconcile: [
        (scope) => {
          seen.push(scope.read(GadgetKind).ownedBy(scope.object.metadata.uid ?? "").length)
          return done
        },
      ],
    }),
  )
  const widget = await bench.create()

  await bench.client.create(GadgetKind, gadgetOf(widget))
  await bench.settle()
  expect(seen.at(-1)).toBe(1)

  await bench.client.delete(GadgetKind, key)
  await bench.settle()
  expect(seen.at(-1)).toBe(0)
})

test("a mapped trigger sees the state before and after, and may read caches", async () => {
  const runs: string[] = []
  await using bench = await Bench.start(
    aController({
      triggers: [
        mapped(GadgetKind, (gadget, reader) => {
          const name = gadget.spec.color ?? ""
          return reader.read(WidgetKind).get("default", name)
            ? [{ namespace: "default", name }]
            : []
        }),
      ],
      reconcile: [
        (scope) => {
          runs.push(scope.object.metadata.name)
          return done
        },
      ],
    }),
  )
  await bench.create({ metadata: { name: "red" } })
  await bench.create({ metadata: { name: "blue" } })
  const part = { namespace: "default", name: "part" }
  await bench.client.create(GadgetKind, { metadata: part, spec: { color: "red" } })
  await bench.settle()
  runs.length = 0

  const body = { spec: { color: "blue" } }
  await bench.client.patch(GadgetKind, part, { type: "merge", body })
  await bench.settle()

  expect(runs).toEqual(["red", "blue"])
})

test("what was asked for by name and was missing triggers when it appears", async () => {
  await using bench = await Bench.start(
    aController({
      triggers: [referenced(SecretKind)],
      reconcile: [
        (scope) => {
          const secret = scope.read(SecretKind).get("default", scope.object.spec.secret ?? "")
          return secret ? done : waitFor("SecretMissing")
        },
      ],
      observe: (_scope, { waits }) => ({ phase: waits[0]?.reason ?? "Ready" }),
    }),
  )
  await bench.create({ spec: { secret: "s" } })
  expect((await bench.widget()).status).toMatchObject({ phase: "SecretMissing" })

  await bench.client.create(SecretKind, secretNamed("unrelated"))
  await bench.client.create(SecretKind, secretNamed("s"))
  await bench.settle()

  expect((await bench.widget()).status).toMatchObject({ phase: "Ready" })
})

test("a change between the read and the end of the first pass is not lost", async () => {
  let bench: Bench | undefined = undefined
  const phases: boolean[] = []
  bench = await Bench.start(
    aController({
      triggers: [referenced(SecretKind)],
      reconcile: [
        async (scope) => {
          const isThere = scope.read(SecretKind).get("default", "s") !== undefined
          phases.push(isThere)
          if (!isThere) await bench?.client.create(SecretKind, secretNamed("s"))
          return done
        },
      ],
    }),
  )
  await using _ = bench

  await bench.create()

  expect(phases).toEqual([false, true])
})

const gadgetReference = { apiGroup: "parts.test.dev", kind: "Gadget", name: "g" }

test("a contract object triggers whoever referenced it, before it exists and by ownership", async () => {
  await using bench = await Bench.start(
    aController({
      reconcile: [
        async (scope) => {
          const gadget = await scope.external(gadgetReference, scope.object.metadata.namespace)
          if (!gadget) return waitFor("GadgetMissing")
          return gadget["status"] ? done : waitFor("GadgetNotReady")
        },
      ],
      observe: (_scope, { waits }) => ({ phase: waits[0]?.reason ?? "Ready" }),
    }),
  )
  await bench.create()
  expect((await bench.widget()).status).toMatchObject({ phase: "GadgetMissing" })

  const gadgetKey = { namespace: "default", name: "g" }
  await bench.client.create(GadgetKind, { metadata: gadgetKey, spec: {} })
  await bench.settle()
  expect((await bench.widget()).status).toMatchObject({ phase: "GadgetNotReady" })

  const body = { status: { phase: "Up" } }
  await bench.client.patchStatus(GadgetKind, gadgetKey, { type: "merge", body })
  await bench.settle()
  expect((await bench.widget()).status).toMatchObject({ phase: "Ready" })
})

test("contract objects are created, applied, patched and deleted in the version their CRD serves", async () => {
  const seen: UntypedObject[] = []
  await using bench = await Bench.start(
    aController({
      finalizer: "widget.test.dev",
      reconcile: [
        async (scope) => {
          if (await scope.external(gadgetReference, "default")) return done
          const metadata = { name: "g", namespace: "default" }
          seen.push(await scope.createExternal(gadgetReference, { metadata, spec: {} }))
          const target = { ...gadgetReference, namespace: "default" }
          await scope.applyExternal(target, { metadata: { labels: { a: "b" } } })
          const body = { spec: { color: "red" } }
          seen.push(await scope.patchExternal(target, { type: "merge", body }))
          return done
        },
      ],
      teardown: [
        async (scope) => {
          const gadget = await scope.liveExternal(gadgetReference, "default")
          if (!gadget) return done
          await scope.deleteExternal(gadget)
          return waitFor("Deleting")
        },
      ],
    }),
  )
  await bench.create()
  expect(seen[1]).toMatchObject({
    apiVersion: "parts.test.dev/v1",
    kind: "Gadget",
    metadata: { labels: { a: "b" }, uid: seen[0]?.metadata.uid },
    spec: { color: "red" },
  })

  await bench.client.delete(WidgetKind, key)
  await bench.settle()
  expect(await bench.client.listAll(GadgetKind)).toEqual([])
  expect(await bench.client.find(WidgetKind, key)).toBeUndefined()
})

test("a reference to a kind that nobody serves fails by name and is retried", async () => {
  await using bench = await Bench.start(
    aController({
      reconcile: [
        async (scope) => {
          await scope.external({ apiGroup: "none.dev", kind: "Nothing", name: "n" }, "default")
          return done
        },
      ],
      observe: (_scope, { error }) => ({ note: `${error?.name}: ${error?.message}` }),
    }),
  )

  await bench.create()

  expect((await bench.widget()).status).toMatchObject({
    note: "KindNotServedError: find kind Nothing.none.dev: no CRD serves it",
  })
})

test("conditions on somebody else's object stand beside theirs and each other", async () => {
  let turn: (scope: WidgetScope, gadget: Gadget) => Promise<void> = async () => {}
  await using bench = await Bench.start(
    aController({
      reconcile: [
        async (scope) => {
          const gadget = await scope.live(GadgetKind, key)
          if (gadget) await turn(scope, gadget)
          return done
        },
      ],
    }),
  )
  const widget = await bench.create()
  await bench.client.create(GadgetKind, gadgetOf(widget))
  const again = async (next: typeof turn): Promise<Gadget> => {
    turn = next
    const labels = { turn: `${Math.random()}` }
    await bench.client.patch(WidgetKind, key, { type: "merge", body: { metadata: { labels } } })
    await bench.settle()
    return bench.client.get(GadgetKind, key)
  }

  await again((scope, gadget) =>
    scope.setConditions(GadgetKind, gadget, [{ type: "Used", status: "True", reason: "A" }]),
  )
  const both = await again((scope, gadget) =>
    scope.setConditions(GadgetKind, gadget, [{ type: "Seen", status: "False", reason: "B" }]),
  )
  expect(both.status?.conditions?.map((condition) => condition.type)).toEqual(["Used", "Seen"])

  const same = await again((scope, gadget) =>
    scope.setConditions(GadgetKind, gadget, [{ type: "Used", status: "True", reason: "A" }]),
  )
  expect(same.metadata.resourceVersion).toBe(both.metadata.resourceVersion)

  const one = await again((scope, gadget) => scope.removeConditions(GadgetKind, gadget, ["Used"]))
  expect(one.status?.conditions).toMatchObject([{ type: "Seen", status: "False", reason: "B" }])
})

test("undeclared access fails at run time as well, for good", async () => {
  const errors: unknown[] = []
  await using bench = await Bench.start(
    aController({
      reconcile: [
        async (scope) => {
          const attempts = [
            () => scope.read(EventKind as never),
            () => scope.create(SecretKind as never, { metadata: {} } as never),
            () => scope.setConditions(SecretKind as never, {} as never, []),
            () =>
              scope.setConditions(GadgetKind, gadgetOf(scope.object) as Gadget, [
                { type: "Stolen", status: "True", reason: "A" },
              ]),
          ]
          for (const attempt of attempts) {
            try {
              await attempt()
            } catch (error) {
              errors.push(error)
            }
          }
          return done
        },
      ],
    }),
  )

  await bench.create()

  expect(errors.map(String)).toEqual([
    "AccessError: read Event.v1: not declared by widget",
    "AccessError: write Secret.v1: not declared by widget",
    "AccessError: set conditions on Secret.v1: not declared by widget",
    "AccessError: set condition Stolen: not declared",
  ])
  expect(errors.every((error) => error instanceof AccessError)).toBe(true)
})

test("a delete names the object that was seen, and another one of that name survives", async () => {
  let old: Gadget | undefined = undefined
  await using bench = await Bench.start(
    aController({
      reconcile: [
        async (scope) => {
          if (old) await scope.delete(GadgetKind, old)
          return done
        },
      ],
    }),
  )
  const first = await bench.client.create(GadgetKind, { metadata: key, spec: {} })
  await bench.client.delete(GadgetKind, key)
  const second = await bench.client.create(GadgetKind, { metadata: key, spec: {} })
  old = first

  await bench.create()

  const { uid } = (await bench.client.get(GadgetKind, key)).metadata
  expect(uid).toBe(second.metadata.uid)
})

test("the same event again raises its count", async () => {
  await using bench = await Bench.start(
    aController({
      reconcile: [
        (scope) => {
          scope.event("Warning", "NoLuck", "nothing to be had")
          return waitFor("Luck", { afterMs: 60_000 })
        },
      ],
    }),
  )
  const { metadata } = await bench.create()
  await bench.advance(60_000)
  await bench.advance(60_000)

  const events: readonly Event[] = await bench.client.listAll(EventKind)
  expect(events).toMatchObject([
    {
      type: "Warning",
      reason: "NoLuck",
      message: "nothing to be had",
      count: 3,
      involvedObject: { kind: "Widget", name: "w", namespace: "default", uid: metadata.uid },
      source: { component: "mothership-widget" },
    },
  ])
})

test("many different messages become one event, and a flood is cut off", async () => {
  await using bench = await Bench.start(
    aController({
      reconcile: [
        (scope) => {
          for (let n = 0; n < 100; n += 1) scope.event("Normal", "Noise", `number ${n}`)
          return done
        },
      ],
    }),
  )

  await bench.create()

  const events = await bench.client.listAll(EventKind)
  expect(events).toHaveLength(11)
  expect(events.reduce((sum, event) => sum + (event.count ?? 0), 0)).toBe(25)
})

test("an object that is gone meanwhile is no failure", async () => {
  let bench: Bench | undefined = undefined
  bench = await Bench.start(
    aController({
      reconcile: [
        async (scope) => {
          await bench?.client.delete(WidgetKind, scope.key)
          return done
        },
      ],
      observe: () => ({ phase: "Gone" }),
    }),
  )
  await using _ = bench

  await bench.create()

  expect(bench.logged).toEqual([])
  expect(await bench.client.find(WidgetKind, key)).toBeUndefined()
})

test("objects that are there at the start are looked at, each by one worker at a time", async () => {
  let active = 0
  let mostActive = 0
  const seen = new Set<string>()
  await using bench = await Bench.start(
    aController({
      concurrency: 3,
      reconcile: [
        async (scope) => {
          active += 1
          mostActive = Math.max(mostActive, active)
          await scope.live(WidgetKind, scope.key)
          await scope.live(WidgetKind, scope.key)
          seen.add(scope.object.metadata.name)
          active -= 1
          return done
        },
      ],
    }),
  )
  for (let n = 0; n < 40; n += 1) {
    await bench.client.create(WidgetKind, {
      metadata: { name: `w${n}`, namespace: "default" },
      spec: {},
    })
  }
  await bench.settle()

  expect(seen.size).toBe(40)
  expect(mostActive).toBe(3)
})

test("metrics say how reconciles ended and what is waited for", async () => {
  let isWaiting = true
  await using bench = await Bench.start(
    aController({
      reconcile: [() => (isWaiting ? waitFor("Moon") : done)],
    }),
  )
  await bench.create()
  const waiting = await bench.registry.metrics()
  expect(waiting).toContain(
    'mothership_controller_waiting_objects{controller="widget",reason="Moon"} 1',
  )
  expect(waiting).toContain(
    'mothership_controller_reconcile_total{controller="widget",result="wait"} 1',
  )

  isWaiting = false
  const body = { spec: { size: 1 } }
  await bench.client.patch(WidgetKind, key, { type: "merge", body })
  await bench.settle()
  expect(await bench.registry.metrics()).toContain(
    'mothership_controller_waiting_objects{controller="widget",reason="Moon"} 0',
  )
  expect(bench.users).toEqual(["widget"])
})
