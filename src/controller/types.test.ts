import { expect, test } from "vitest"
import {
  defineAccess,
  defineController,
  done,
  type Observed,
  type Outcome,
  owned,
  type ReconcileResult,
  type ScopeOf,
  waitFor,
} from "#controller"
import { type Condition, defineKind, type ObjectOf } from "#meta"
import { s } from "#schema"

function aKind<const F extends string>(kind: string, field: F) {
  return defineKind({
    group: "test.dev",
    version: "v1",
    kind,
    plural: `${kind.toLowerCase()}s`,
    description: "A kind for tests.",
    specRequired: true,
    spec: s.object("Spec.", { [field]: s.optional(s.string("A field.")) } as {
      [K in F]: ReturnType<typeof s.optional<string>>
    }),
    status: s.object("Status.", {
      phase: s.optional(s.string("Phase.")),
      conditions: s.optional(s.typed<readonly Condition[]>(s.list("C.", s.object("c", {})))),
    }),
  })
}

const WidgetKind = aKind("Widget", "size")
const GadgetKind = aKind("Gadget", "color")
const GizmoKind = aKind("Gizmo", "shape")

const access = defineAccess({
  name: "widget",
  primary: WidgetKind,
  reads: [GadgetKind],
  writes: [GizmoKind],
  conditions: [{ kind: GadgetKind, types: ["Used"] }],
})
type WidgetScope = ScopeOf<typeof access>
type Widget = ObjectOf<typeof WidgetKind>

async function makeGizmo(scope: WidgetScope): Promise<Outcome> {
  const gadget = scope.read(GadgetKind).get("a", scope.object.spec.size ?? "")
  if (!gadget) return waitFor("GadgetMissing", { message: "waiting for the gadget" })
  const gizmo = await scope.create(GizmoKind, {
    metadata: { name: gadget.spec.color ?? "", namespace: "a" },
    spec: { shape: "round" },
  })
  scope.edit((draft) => {
    draft.spec.size = gizmo.spec.shape
    draft.metadata.labels = { ...draft.metadata.labels, made: "true" }
  })
  await scope.apply(GizmoKind, { metadata: { name: "x", namespace: "a" }, spec: {} })
  await scope.setConditions(GadgetKind, gadget, [{ type: "Used", status: "True", reason: "Used" }])
  return done
}

/** Never called: the compiler is the test. */
export function undeclaredAccess(scope: WidgetScope): void {
  // @ts-expect-error GizmoKind is written, not read
  scope.read(GizmoKind)
  // @ts-expect-error GadgetKind is read, not written
  void scope.create(GadgetKind, { metadata: {}, spec: {} })
  // @ts-expect-error no conditions on a Gizmo
  void scope.setConditions(GizmoKind, {} as ObjectOf<typeof GizmoKind>, [])
  // @ts-expect-error the access does not follow contracts
  void scope.external
  // @ts-expect-error specs are not to be changed in place
  scope.object.spec.size = "1"
}

function widgetStatus(scope: WidgetScope, result: ReconcileResult): Observed<Widget> {
  return {
    ...scope.object.status,
    phase: result.outcomeOf(makeGizmo)?.kind ?? "failed",
    conditions: [{ type: "Ready", status: "True", reason: "Ready" }],
  }
}

test("a definition is held to the types of its access", () => {
  const { access: kept } = defineController(access, {
    triggers: [owned(GadgetKind)],
    finalizer: "widget.test.dev",
    reconcile: [makeGizmo],
    observe: widgetStatus,
    conditions: ["Ready"],
  })

  expect(kept).toBe(access)
})
