import type { MachineSet } from "#apis"
import { renderNaming } from "../machine-naming.ts"
import { hashName } from "../stable-hash.ts"

const randomLength = 5
const nameMaxLength = 63
const defaultTemplate = "{{ .machineSet.name }}-{{ .random }}"

/** On a MachineSet: how many Machines it has made so far. */
export const machinesMadeAnnotation = "machineset.mothership.dev/machines-made"

export function machinesMade({ metadata }: MachineSet): number {
  return Number(metadata.annotations?.[machinesMadeAnnotation] ?? 0)
}

/**
 * The name of a set's Machine by its number, counted from the first that the set ever made. A
 * create whose answer was lost comes back to the same name, where the Machine is found; and no
 * Machine gets the name of one that is gone, whose Secrets and Node may still be there.
 */
export function machineName(machineSet: MachineSet, number: number): string {
  const { uid, name } = machineSet.metadata
  const random = hashName(`${uid}/${number}`, randomLength)
  const template = machineSet.spec.machineNaming?.template ?? defaultTemplate
  const values = { cluster: machineSet.spec.clusterName, random }
  const full = renderNaming(template, { ...values, machineSet: name }) ?? `${name}-${random}`
  if (full.length <= nameMaxLength) return full
  const keptLength = Math.max(name.length - (full.length - nameMaxLength), 0)
  const shortened = renderNaming(template, { ...values, machineSet: name.slice(0, keptLength) })
  const fallback = `${name.slice(0, nameMaxLength - randomLength - 1)}-${random}`
  return shortened && shortened.length <= nameMaxLength ? shortened : fallback
}
