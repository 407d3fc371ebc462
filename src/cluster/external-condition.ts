import { mirrorCondition } from "#contract"
import type { ContractReference, Observation } from "#controller"
import type { ExternalLook } from "./external-object.ts"

/** How the condition of an object that somebody provides shows on the one that refers to it. */
export interface ExternalCondition {
  /** Type on our object. */
  readonly type: string
  /** Type on theirs. */
  readonly sourceType: "Ready" | "Available"
  readonly reference: ContractReference
  readonly look: ExternalLook
  /** What initialization said about it, once true for ever. */
  readonly wasProvided: boolean
  /** The field that says so, as `status.…`. */
  readonly field: string
  readonly isDeleting: boolean
  /** Of our object, in sentences. */
  readonly subject: "Machine" | "Cluster"
}

export function externalCondition(input: ExternalCondition): Observation {
  const { type, sourceType, reference, look, wasProvided, field, isDeleting, subject } = input
  const { kind, name } = reference
  if (look.kind === "found") {
    const positive = sourceType
    return mirrorCondition(look.object, sourceType, {
      type,
      status: wasProvided ? "True" : "False",
      reason: wasProvided ? positive : `Not${positive}`,
      message: wasProvided ? "" : `${kind} ${field} is not true`,
    })
  }
  if (look.kind === "unserved") {
    return { type, status: "Unknown", reason: "InternalError", message: look.message }
  }
  if (wasProvided) {
    const message = isDeleting
      ? `${kind} has been deleted`
      : `${kind} ${name} has been deleted while the ${subject} still exists`
    return { type, status: "False", reason: "ObjectDeleted", message }
  }
  const message = `${kind} ${name} does not exist`
  return { type, status: "False", reason: "ObjectDoesNotExist", message }
}
