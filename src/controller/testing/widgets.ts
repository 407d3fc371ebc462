import type { Manifest } from "#client"
import {
  type Controller,
  type ControllerDefinition,
  defineAccess,
  defineController,
  done,
  type ScopeOf,
} from "#controller"
import { type Secret, SecretKind } from "#apis"
import type { ObjectKey } from "#meta"
import { type Gadget, GadgetKind, type Widget, WidgetKind } from "./bench.ts"

const access = defineAccess({
  name: "widget",
  primary: WidgetKind,
  reads: [GadgetKind, SecretKind],
  writes: [GadgetKind],
  conditions: [{ kind: GadgetKind, types: ["Used", "Seen"] }],
  contracts: true,
})
export type WidgetScope = ScopeOf<typeof access>

export type Definition = ControllerDefinition<typeof access>

export function aController(definition: Partial<Definition>): Controller {
  return defineController(access, { reconcile: [() => done], ...definition })
}

export function gadgetOf(widget: Widget): Manifest<Gadget> {
  const { name, namespace, uid = "" } = widget.metadata
  return {
    metadata: {
      name,
      namespace,
      ownerReferences: [{ apiVersion: "test.dev/v1", kind: "Widget", name, uid, controller: true }],
    },
    spec: {},
  }
}

export const key: ObjectKey = { namespace: "default", name: "w" }

export function secretNamed(name: string): Manifest<Secret> {
  return { metadata: { name, namespace: "default" }, data: { a: "Yg==" } }
}
