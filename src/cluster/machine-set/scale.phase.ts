import { annotation, type Machine, MachineKind, type MachineSet, MachineSetKind } from "#apis"
import { cloneTemplate, ownerReference, readControlPlane } from "#contract"
import { type ContractReference, done, type Outcome, waitFor } from "#controller"
import { controllerOf, findCondition, isAlreadyExists, type UntypedObject } from "#meta"
import { clusterOf } from "../cluster-of.ts"
import { lookExternal, lookExternalLive, objectOf } from "../external-object.ts"
import { type MachineTemplates, readTemplates, waitForTemplates } from "../machine-templates.ts"
import { deletionOrder } from "./deletion-order.ts"
import { newMachine, wantedOfClone } from "./desired-machine.ts"
import { machineName, machinesMade, machinesMadeAnnotation } from "./machine-name.ts"
import { type MachineSetScope, machinesOf } from "./machine-set-access.ts"
import { preflightProblems } from "./preflight.ts"

/**
 * Makes what new Machines refer to. The Machine comes first and is never cleaned up: whatever it
 * still lacks after a failure, or a crash, is made here.
 */
export async function completeMachines(scope: MachineSetScope): Promise<Outcome> {
  const incomplete = machinesOf(scope).filter(
    (machine) => machine.metadata.deletionTimestamp === undefined && mayLackObjects(machine),
  )
  if (incomplete.length === 0) return done
  const templates = await readTemplates(scope, scope.object.spec.template)
  for (const machine of incomplete) await makeObjects(scope, machine, templates)
  return templates.problems.length === 0 ? done : waitForTemplates(templates)
}

/** The Machine controller has not seen an object that should be there. */
function mayLackObjects(machine: Machine): boolean {
  const { initialization } = machine.status ?? {}
  const lacks = (type: string, wasThere: boolean | undefined): boolean => {
    const condition = findCondition(machine, type)
    return !wasThere && (!condition || condition.reason === "ObjectDoesNotExist")
  }
  return (
    lacks("InfrastructureReady", initialization?.infrastructureProvisioned) ||
    (machine.spec.bootstrap.configRef !== undefined &&
      lacks("BootstrapConfigReady", initialization?.bootstrapDataSecretCreated))
  )
}

/** Adds Machines, or takes some away, until there are as many as there should be. */
export async function scale(scope: MachineSetScope): Promise<Outcome> {
  const { spec } = scope.object
  const machines = machinesOf(scope)
  const missing = (spec.replicas ?? 0) - machines.length
  if (missing < 0) return scaleDown(scope, machines, -missing)
  if (missing === 0) return done
  return scaleUp(scope, machines, missing)
}

async function scaleDown(
  scope: MachineSetScope,
  machines: readonly Machine[],
  count: number,
): Promise<Outcome> {
  const order = scope.object.spec.deletion?.order ?? "Random"
  const due = deletionOrder(machines, order, scope.clock.now()).slice(0, count)
  for (const machine of due) {
    if (machine.metadata.deletionTimestamp !== undefined) continue
    await scope.delete(MachineKind, machine, { unchanged: true })
    scope.event("Normal", "SuccessfulDelete", `Deleted Machine ${machine.metadata.name}`)
  }
  return done
}

async function scaleUp(
  scope: MachineSetScope,
  machines: readonly Machine[],
  count: number,
): Promise<Outcome> {
  const machineSet = scope.object
  const { annotations = {} } = machineSet.metadata
  if (annotations[annotation.disableMachineCreate] === "true") {
    const message = `${annotation.disableMachineCreate} is set`
    return waitFor("MachineCreationDisabled", { message, stop: false })
  }
  const templates = await readTemplates(scope, machineSet.spec.template)
  if (templates.problems.length > 0) return waitForTemplates(templates)
  const problems = await preflight(scope, templates)
  if (problems.length > 0) {
    return waitFor("PreflightChecksFailed", { message: problems.join("\n"), stop: false })
  }
  await makeMachines(scope, { machines, templates, count })
  return done
}

interface MakeInput {
  readonly machines: readonly Machine[]
  readonly templates: MachineTemplates
  readonly count: number
}

/**
 * The number of Machines made is written when they are there: until then the next attempt tries the
 * same names again, and finds what an attempt before it made.
 */
async function makeMachines(
  scope: MachineSetScope,
  { machines, templates, count }: MakeInput,
): Promise<void> {
  const known = new Set(machines.map((machine) => machine.metadata.uid))
  let number = machinesMade(scope.object)
  for (let left = count; left > 0; number += 1) {
    const machine = await makeMachine(scope, machineName(scope.object, number))
    if (!machine || known.has(machine.metadata.uid)) continue
    await makeObjects(scope, machine, templates)
    left -= 1
  }
  const body = { metadata: { annotations: { [machinesMadeAnnotation]: String(number) } } }
  await scope.patch(MachineSetKind, scope.key, { type: "merge", body })
}

async function preflight(
  scope: MachineSetScope,
  { bootstrap }: MachineTemplates,
): Promise<readonly string[]> {
  const reference = clusterOf(scope)?.spec.controlPlaneRef
  if (!reference) return []
  const controlPlane = objectOf(await lookExternal(scope, reference))
  if (!controlPlane) return [`${reference.kind} ${reference.name} does not exist`]
  return preflightProblems({
    machineSet: scope.object,
    controlPlane: readControlPlane(controlPlane),
    title: `${reference.kind} ${reference.name}`,
    bootstrapTemplate: bootstrap,
  })
}

/**
 * A Machine of ours that has this name already is one whose creation was not answered; undefined
 * when the name is somebody else's.
 */
async function makeMachine(scope: MachineSetScope, name: string): Promise<Machine | undefined> {
  const machineSet = scope.object
  try {
    const machine = await scope.create(MachineKind, newMachine(machineSet, name))
    scope.event("Normal", "SuccessfulCreate", `Created Machine ${name}`)
    return machine
  } catch (error) {
    if (!isAlreadyExists(error)) throw error
    const known = await scope.live(MachineKind, { namespace: scope.key.namespace, name })
    return known && controllerOf(known)?.uid === machineSet.metadata.uid ? known : undefined
  }
}

async function makeObjects(
  scope: MachineSetScope,
  machine: Machine,
  templates: MachineTemplates,
): Promise<void> {
  const { template } = scope.object.spec
  const { configRef } = machine.spec.bootstrap
  const pairs = [
    [configRef, template.spec.bootstrap.configRef, templates.bootstrap],
    [machine.spec.infrastructureRef, template.spec.infrastructureRef, templates.infrastructure],
  ] as const
  for (const [reference, templateReference, object] of pairs) {
    if (!reference || !templateReference || !object) continue
    // Only what this set names: a Machine that was adopted may refer to anything.
    if (reference.name !== machine.metadata.name) continue
    await makeClone(scope, { machine, reference, templateReference, template: object })
  }
}

interface CloneInput {
  readonly machine: Machine
  readonly reference: ContractReference
  readonly templateReference: ContractReference
  readonly template: UntypedObject
}

async function makeClone(scope: MachineSetScope, input: CloneInput): Promise<void> {
  const { machine, reference, templateReference, template } = input
  const { namespace = "", name } = machine.metadata
  const look = await lookExternalLive(scope, reference)
  if (look.kind !== "missing") return
  const machineSet: MachineSet = scope.object
  const clone = cloneTemplate({
    template,
    reference: templateReference,
    name,
    namespace,
    clusterName: machineSet.spec.clusterName,
    owner: ownerReference(MachineKind, machine, { controller: true }),
    ...wantedOfClone(machineSet, machine),
  })
  try {
    await scope.createExternal(reference, clone)
  } catch (error) {
    if (!isAlreadyExists(error)) throw error
  }
}
