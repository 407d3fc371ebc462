import { annotation, type MachineDeployment, type MachineSet, MachineSetKind } from "#apis"
import { done, type Outcome, TerminalError, waitFor } from "#controller"
import { controllerOf, isAlreadyExists, keyOf } from "#meta"
import { readTemplates, waitForTemplates } from "../machine-templates.ts"
import { patchToOwn } from "../own-fields.ts"
import { rolloutDueInMs, splitSets } from "./current-set.ts"
import { currentRevision, newMachineSet, wantedOfSet } from "./desired-set.ts"
import {
  machineDeploymentAccess,
  type MachineDeploymentScope,
  machineSetsOf,
} from "./machine-deployment-access.ts"
import {
  planOnDelete,
  planRollingUpdate,
  planScaling,
  rollingLimits,
  type RolloutInput,
  type RolloutPlan,
  type SetState,
} from "./rollout-plan.ts"

/** Makes the set for the current template, and moves replicas to it by one step of the plan. */
export async function rollOut(scope: MachineDeploymentScope): Promise<Outcome> {
  const deployment = scope.object
  const { spec } = deployment
  const { current: known, old } = splitSets(deployment, machineSetsOf(scope), scope.clock.now())
  if (!known && spec.paused && old.length > 0) return scaleOnly(scope, old)
  const revision = currentRevision(deployment, known, old)
  const current = known ?? (await makeSet(scope, revision, old.map(stateOf)))
  if (!("metadata" in current)) return current
  scope.edit(({ metadata }) => {
    metadata.annotations = { ...metadata.annotations, [annotation.revision]: String(revision) }
  })
  const input = {
    replicas: spec.replicas ?? 0,
    current: stateOf(current),
    old: old.filter(({ metadata }) => metadata.deletionTimestamp === undefined).map(stateOf),
  }
  const plan = planFor(deployment, input)
  for (const machineSet of [current, ...old]) {
    await bringSet(scope, machineSet, {
      revision: machineSet === current ? revision : undefined,
      plan,
    })
  }
  return done
}

function planFor({ spec }: MachineDeployment, input: RolloutInput): RolloutPlan {
  const { strategy } = spec.rollout ?? {}
  if (spec.paused) return planScaling(input)
  if (strategy?.type === "OnDelete") return planOnDelete(input)
  return planRollingUpdate(input, rollingLimits(input.replicas, strategy?.rollingUpdate ?? {}))
}

/** While paused, a changed template makes no set: the newest there is stands in for it. */
async function scaleOnly(
  scope: MachineDeploymentScope,
  machineSets: readonly MachineSet[],
): Promise<Outcome> {
  const states = machineSets.map(stateOf)
  const newest = states.at(-1)
  if (!newest) return done
  const replicas = scope.object.spec.replicas ?? 0
  const plan = planScaling({ replicas, current: newest, old: states.slice(0, -1) })
  for (const machineSet of machineSets) {
    await bringSet(scope, machineSet, { revision: undefined, plan })
  }
  return waitFor("RolloutPaused", { message: "spec.paused is set", stop: false })
}

function stateOf({ metadata, spec, status }: MachineSet): SetState {
  return {
    name: metadata.name,
    desired: spec.replicas ?? 0,
    actual: status?.replicas ?? 0,
    available: status?.availableReplicas ?? 0,
  }
}

/** A set that is there under this name already is one whose creation was not answered. */
async function makeSet(
  scope: MachineDeploymentScope,
  revision: number,
  old: readonly SetState[],
): Promise<MachineSet | Outcome> {
  const deployment = scope.object
  const { namespace } = scope.key
  const templates = await readTemplates(scope, deployment.spec.template)
  if (templates.problems.length > 0) return waitForTemplates(templates)
  const empty = newMachineSet(deployment, revision)
  const { name = "" } = empty.metadata
  const current = { name, desired: 0, actual: 0, available: 0 }
  const plan = planFor(deployment, { replicas: deployment.spec.replicas ?? 0, current, old })
  const manifest = { ...empty, spec: { ...empty.spec, replicas: plan.get(name) ?? 0 } }
  try {
    const machineSet = await scope.create(MachineSetKind, manifest)
    scope.event("Normal", "SuccessfulCreate", `Created MachineSet ${name}`)
    return machineSet
  } catch (error) {
    if (!isAlreadyExists(error)) throw error
    const found = await scope.live(MachineSetKind, { namespace, name })
    if (found && controllerOf(found)?.uid === deployment.metadata.uid) return found
    throw new TerminalError(`create machine set ${name}: the name is taken`, { cause: error })
  }
}

interface BringOptions {
  /** Only for the current set. */
  readonly revision: number | undefined
  readonly plan: RolloutPlan
}

async function bringSet(
  scope: MachineDeploymentScope,
  machineSet: MachineSet,
  { revision, plan }: BringOptions,
): Promise<void> {
  if (machineSet.metadata.deletionTimestamp !== undefined) return
  const { fieldManager } = machineDeploymentAccess
  const { name } = machineSet.metadata
  const wanted = wantedOfSet(scope.object, machineSet, revision)
  const before = machineSet.spec.replicas ?? 0
  const replicas = plan.get(name) ?? before
  const patch = patchToOwn(machineSet, fieldManager, {
    ...wanted,
    spec: { ...wanted.spec, replicas },
  })
  if (!patch) return
  await scope.patch(MachineSetKind, keyOf(machineSet), patch)
  if (replicas === before) return
  const direction = replicas > before ? "up" : "down"
  const message = `Scaled ${direction} MachineSet ${name}: ${before} -> ${replicas}`
  scope.event("Normal", "SuccessfulScale", message)
}

/** Deletes old sets without Machines when the rollout is complete. */
export async function cleanUp(scope: MachineDeploymentScope): Promise<Outcome> {
  const deployment = scope.object
  const nowMs = scope.clock.now()
  const machineSets = machineSetsOf(scope)
  const { current, old } = splitSets(deployment, machineSets, nowMs)
  const wanted = deployment.spec.replicas ?? 0
  const isComplete =
    current?.spec.replicas === wanted &&
    (current.status?.availableReplicas ?? 0) === wanted &&
    (current.status?.upToDateReplicas ?? 0) === wanted
  if (isComplete) {
    for (const machineSet of old) {
      const { spec, status, metadata } = machineSet
      const isEmpty = spec.replicas === 0 && status?.replicas === 0
      const isSeen = (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0)
      if (!isEmpty || !isSeen || metadata.deletionTimestamp !== undefined) continue
      await scope.delete(MachineSetKind, machineSet, { unchanged: true })
      scope.event("Normal", "SuccessfulDelete", `Deleted MachineSet ${metadata.name}`)
    }
  }
  const afterMs = rolloutDueInMs(deployment, nowMs)
  if (afterMs === undefined) return done
  const message = `a rollout is due at ${deployment.spec.rollout?.after}`
  return waitFor("WaitingForRolloutAfter", { message, afterMs, stop: false })
}
