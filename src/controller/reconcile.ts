import { annotation } from "#apis"
import { type ApiObject, isConflict, isNotFound, isOrphaningDependents } from "#meta"
import type { ControllerContext } from "./controller-context.ts"
import type { ControllerDefinition, Phase } from "./define-controller.ts"
import type { Wait } from "./outcome.ts"
import { ReconcileScope } from "./reconcile-scope.ts"
import { asError, type PhaseRun, runPhases } from "./run-phases.ts"
import type { Observation } from "./scope.ts"
import { observedStatus, statusWithCondition, writeStatus } from "./status-writer.ts"

/** A controller's definition without its types, as the engine runs it. */
export interface ErasedDefinition extends Omit<
  ControllerDefinition<unknown>,
  "reconcile" | "teardown" | "observe" | "pausedBy" | "needsFinalizer"
> {
  readonly reconcile: readonly Phase<ReconcileScope>[]
  readonly teardown?: readonly Phase<ReconcileScope>[] | undefined
  readonly observe?:
    | ((
        scope: ReconcileScope,
        result: PhaseRun,
      ) => Readonly<Record<string, unknown>> | Promise<Readonly<Record<string, unknown>>>)
    | undefined
  readonly pausedBy?: ((scope: ReconcileScope) => string | undefined) | undefined
  readonly needsFinalizer?: ((scope: ReconcileScope) => boolean) | undefined
}

/** How one reconcile ended. */
export interface ReconcileReport {
  readonly error: Error | undefined
  readonly failedPhase: string | undefined
  readonly hasConflict: boolean
  readonly waits: readonly Wait[]
  /** What was asked for by name. */
  readonly references: ReadonlySet<string>
}

/**
 * One pass over one object: finalizer, paused, phases, the edits as one patch, `observe`, the
 * status as one apply. Never rejects.
 */
export async function reconcile(
  context: ControllerContext,
  definition: ErasedDefinition,
  object: ApiObject,
): Promise<ReconcileReport> {
  const scope = new ReconcileScope(context, object)
  const report = await pass(context, definition, scope).catch((thrown: unknown) =>
    failure(scope, thrown, undefined),
  )
  // Somebody deleted the object while we worked on it: there is nothing left to write to.
  return report.error && isGone(report.error, context, object)
    ? { ...report, error: undefined, failedPhase: undefined }
    : report
}

async function pass(
  context: ControllerContext,
  definition: ErasedDefinition,
  scope: ReconcileScope,
): Promise<ReconcileReport> {
  const { finalizer, reconcile: phases, teardown = [] } = definition
  const deleting = scope.object.metadata.deletionTimestamp !== undefined
  const carriesFinalizer =
    finalizer !== undefined && (scope.object.metadata.finalizers ?? []).includes(finalizer)
  if (deleting && !carriesFinalizer) return report(scope, { waits: [] })
  const needsFinalizer = finalizer !== undefined && (definition.needsFinalizer?.(scope) ?? true)
  if (!deleting && needsFinalizer !== carriesFinalizer) {
    editFinalizers(scope, (finalizers) =>
      needsFinalizer ? [...finalizers, finalizer] : finalizers.filter((name) => name !== finalizer),
    )
    await scope.flush()
  }
  const pausedMessage = pausedBy(context, definition, scope)
  if (pausedMessage !== undefined) {
    await writePaused(context, definition, scope, pausedMessage)
    return report(scope, { waits: [] })
  }
  const leaves = definition.leavesOrphans && isOrphaningDependents(scope.object)
  const run = await runPhases(leaves ? [] : deleting ? teardown : phases, scope, deleting)
  if (run.hasConflict) return report(scope, run)
  if (deleting && run.isComplete) {
    editFinalizers(scope, (finalizers) => finalizers.filter((name) => name !== finalizer))
    await scope.flush()
    return report(scope, run)
  }
  return conclude(context, definition, scope, run)
}

/**
 * Writes what the phases edited and what `observe` sees; the first error is the one that counts.
 */
async function conclude(
  context: ControllerContext,
  definition: ErasedDefinition,
  scope: ReconcileScope,
  run: PhaseRun,
): Promise<ReconcileReport> {
  let seen = run
  try {
    await scope.flush()
  } catch (thrown) {
    if (isConflict(thrown)) return failure(scope, thrown, undefined)
    seen = { ...run, error: run.error ?? asError(thrown) }
  }
  try {
    const observed = await observe(definition, scope, seen)
    if (observed) {
      const object = scope.draft.base
      const desired = observedStatus(context, object, observed, definition.conditions ?? [])
      await writeStatus(context, object, desired)
    }
  } catch (thrown) {
    if (seen.error) return report(scope, seen)
    return { ...failure(scope, thrown, "observe"), waits: seen.waits }
  }
  return report(scope, seen)
}

async function observe(
  definition: ErasedDefinition,
  scope: ReconcileScope,
  run: PhaseRun,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const observed = await definition.observe?.(scope, run)
  if (!definition.conditions?.includes("Paused")) return observed
  const conditions = (observed?.["conditions"] ?? []) as readonly Observation[]
  const notPaused: Observation = { type: "Paused", status: "False", reason: "NotPaused" }
  return { ...observed, conditions: [...conditions, notPaused] }
}

function pausedBy(
  context: ControllerContext,
  definition: ErasedDefinition,
  scope: ReconcileScope,
): string | undefined {
  const { annotations = {} } = scope.object.metadata
  const reasons = [
    definition.pausedBy?.(scope),
    annotation.paused in annotations
      ? `${context.options.access.primary.kind} has the ${annotation.paused} annotation`
      : undefined,
  ].filter((reason) => reason !== undefined)
  return reasons.length === 0 ? undefined : reasons.join(", ")
}

async function writePaused(
  context: ControllerContext,
  definition: ErasedDefinition,
  scope: ReconcileScope,
  message: string,
): Promise<void> {
  if (!definition.conditions?.includes("Paused")) return
  const object = scope.draft.base
  const paused: Observation = { type: "Paused", status: "True", reason: "Paused", message }
  await writeStatus(context, object, statusWithCondition(context, object, paused))
}

function editFinalizers(
  scope: ReconcileScope,
  change: (finalizers: readonly string[]) => readonly string[],
): void {
  scope.draft.edit((draft) => {
    const metadata = draft["metadata"] as { finalizers?: readonly string[] }
    metadata.finalizers = change(metadata.finalizers ?? [])
  })
}

function report(
  scope: ReconcileScope,
  run: Pick<ReconcileReport, "waits"> & Partial<ReconcileReport>,
): ReconcileReport {
  const { error, failedPhase, hasConflict = false, waits } = run
  return { error, failedPhase, hasConflict, waits, references: scope.references }
}

function failure(
  scope: ReconcileScope,
  thrown: unknown,
  failedPhase: string | undefined,
): ReconcileReport {
  const error = asError(thrown)
  return report(scope, { error, failedPhase, hasConflict: isConflict(error), waits: [] })
}

function isGone(error: Error, context: ControllerContext, object: ApiObject): boolean {
  const { primary } = context.options.access
  return (
    isNotFound(error) &&
    error.details?.name === object.metadata.name &&
    error.details.kind === primary.plural &&
    (error.details.group ?? "") === primary.group
  )
}
