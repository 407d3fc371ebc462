import type { CustomResourceDefinition, CustomResourceDefinitionNames } from "#apis"
import type { Condition } from "#meta"

type Claim = Omit<Condition, "lastTransitionTime">

/** What the status of a definition should say about its names. */
export interface NameVerdict {
  readonly acceptedNames: CustomResourceDefinitionNames
  readonly conditions: readonly Claim[]
}

const emptyNames: CustomResourceDefinitionNames = { plural: "", kind: "" }

/**
 * Accepts the names of a definition, field by field, unless another one of its group has them
 * already. An established definition stays so when its new names are refused: it keeps its old
 * ones.
 */
export function judgeNames(
  definition: CustomResourceDefinition,
  others: readonly CustomResourceDefinition[],
): NameVerdict {
  const { names } = definition.spec
  const before = definition.status?.acceptedNames ?? emptyNames
  const taken = new Set(others.flatMap((other) => resourceNames(other.status?.acceptedNames)))
  const takenKinds = new Set(others.flatMap((other) => kindNames(other.status?.acceptedNames)))
  const problems: { readonly reason: string; readonly message: string }[] = []
  const accept = (field: string, isFree: boolean, name: unknown): boolean => {
    if (!isFree) {
      const reason = `${field[0]?.toUpperCase()}${field.slice(1)}Conflict`
      problems.push({ reason, message: `${JSON.stringify(name)} is already in use` })
    }
    return isFree
  }
  const pick = (field: "plural" | "singular" | "kind" | "listKind", used: Set<string>): string => {
    const name = names[field] ?? ""
    return accept(field, name === "" || !used.has(name), name) ? name : (before[field] ?? "")
  }
  const shortNames = names.shortNames ?? []
  const freeShortNames = accept(
    "shortNames",
    !shortNames.some((name) => taken.has(name)),
    shortNames.find((name) => taken.has(name)),
  )
    ? shortNames
    : (before.shortNames ?? [])
  const { categories = [] } = names
  const acceptedNames: CustomResourceDefinitionNames = {
    plural: pick("plural", taken),
    singular: pick("singular", taken),
    ...(freeShortNames.length > 0 ? { shortNames: freeShortNames } : {}),
    kind: pick("kind", takenKinds),
    listKind: pick("listKind", takenKinds),
    ...(categories.length > 0 ? { categories } : {}),
  }
  return { acceptedNames, conditions: conditionsOf(definition, problems) }
}

function conditionsOf(
  definition: CustomResourceDefinition,
  problems: readonly { readonly reason: string; readonly message: string }[],
): readonly Claim[] {
  const [problem] = problems
  const wasEstablished = definition.status?.conditions?.some(
    ({ type, status }) => type === "Established" && status === "True",
  )
  const established: Claim = {
    type: "Established",
    status: "True",
    reason: "InitialNamesAccepted",
    message: "the initial names have been accepted",
  }
  if (!problem) {
    const message = "no conflicts found"
    return [{ type: "NamesAccepted", status: "True", reason: "NoConflicts", message }, established]
  }
  return [
    { type: "NamesAccepted", status: "False", ...problem },
    wasEstablished
      ? established
      : {
          type: "Established",
          status: "False",
          reason: "NotAccepted",
          message: "not all names are accepted",
        },
  ]
}

function resourceNames(names: CustomResourceDefinitionNames | undefined): readonly string[] {
  if (!names) return []
  return [names.plural, names.singular ?? "", ...(names.shortNames ?? [])].filter(Boolean)
}

function kindNames(names: CustomResourceDefinitionNames | undefined): readonly string[] {
  return names ? [names.kind, names.listKind ?? ""].filter(Boolean) : []
}
