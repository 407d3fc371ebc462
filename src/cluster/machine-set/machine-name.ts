import type { Machine, MachineSet } from "#apis"
import { renderNaming } from "../rules/field-checks.ts"
import { hashName } from "../stable-hash.ts"

const randomLength = 5
const nameMaxLength = 63
const defaultTemplate = "{{ .machineSet.name }}-{{ .random }}"

/**
 * The name of the next Machine of a set. It follows from the set and the Machines that it has, so
 * that a create whose answer was lost comes back to the same name, where the Machine is found; and
 * since every Machine changes what it follows from, no name comes twice.
 */
export function nextMachineName(machineSet: MachineSet, machines: readonly Machine[]): string {
  const { uid, name } = machineSet.metadata
  const uids = machines.map((machine) => machine.metadata.uid).sort()
  const random = hashName([uid, ...uids].join("/"), randomLength)
  const template = machineSet.spec.machineNaming?.template ?? defaultTemplate
  const values = { cluster: machineSet.spec.clusterName, random }
  const full = renderNaming(template, { ...values, machineSet: name }) ?? `${name}-${random}`
  if (full.length <= nameMaxLength) return full
  const keptLength = Math.max(name.length - (full.length - nameMaxLength), 0)
  const shortened = renderNaming(template, { ...values, machineSet: name.slice(0, keptLength) })
  const fallback = `${name.slice(0, nameMaxLength - randomLength - 1)}-${random}`
  return shortened && shortened.length <= nameMaxLength ? shortened : fallback
}
