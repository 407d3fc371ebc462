import {
  type ClusterRole,
  type ClusterRoleBinding,
  ClusterRoleBindingKind,
  ClusterRoleKind,
} from "#apis"
import { deepEqual } from "#base"
import type { Client } from "#client"
import { type ApiObject, isAlreadyExists, type KindRef } from "#meta"
import { bootstrapBindings, bootstrapRoles } from "./bootstrap-roles.ts"
import { systemClient } from "./system-client.ts"
import type { SystemContext } from "./system-context.ts"

const autoUpdateAnnotation = "rbac.authorization.kubernetes.io/autoupdate"

/**
 * Makes sure that the cluster roles and bindings every cluster has are there and grant at least
 * what they should. What users added stays; an object whose `autoupdate` annotation is `false` is
 * theirs.
 */
export async function bootstrapRbac({ server }: SystemContext): Promise<void> {
  const client = systemClient(server, "rbac-bootstrap")
  await Promise.all([
    ...bootstrapRoles.map((role) => ensure(client, ClusterRoleKind, role, completeRole)),
    ...bootstrapBindings.map((binding) =>
      ensure(client, ClusterRoleBindingKind, binding, completeBinding),
    ),
  ])
}

async function ensure<T extends ApiObject>(
  client: Client,
  kind: KindRef<T>,
  wanted: T,
  complete: (current: T, wanted: T) => T,
): Promise<void> {
  const { name } = wanted.metadata
  const current = await client.find(kind, { name })
  if (!current) {
    await client.create(kind, wanted).catch((error: unknown) => {
      if (!isAlreadyExists(error)) throw error
    })
    return
  }
  if (current.metadata.annotations?.[autoUpdateAnnotation] === "false") return
  const next = withMarks(complete(current, wanted), wanted)
  if (!deepEqual(next, current)) await client.update(kind, next)
}

function withMarks<T extends ApiObject>(object: T, { metadata }: T): T {
  const labels = { ...object.metadata.labels, ...metadata.labels }
  const annotations = { ...object.metadata.annotations, ...metadata.annotations }
  return { ...object, metadata: { ...object.metadata, labels, annotations } }
}

/** The rules of an aggregating role are the aggregation's business. */
function completeRole(current: ClusterRole, wanted: ClusterRole): ClusterRole {
  const { aggregationRule } = wanted
  if (aggregationRule) return { ...current, aggregationRule }
  return { ...current, rules: union(current.rules ?? [], wanted.rules ?? []) }
}

function completeBinding(
  current: ClusterRoleBinding,
  wanted: ClusterRoleBinding,
): ClusterRoleBinding {
  return { ...current, subjects: union(current.subjects ?? [], wanted.subjects ?? []) }
}

function union<T>(have: readonly T[], need: readonly T[]): readonly T[] {
  return [...have, ...need.filter((item) => !have.some((known) => deepEqual(known, item)))]
}
