import type { Condition } from "#meta"
import type { NamespaceContent } from "./namespace-content.ts"

/** What deleting the objects of a namespace ran into, if anything. */
export interface DeletionOutcome extends NamespaceContent {
  readonly failures: readonly string[]
}

/** The conditions that tell why a namespace is still there. */
export function deletionConditions(
  outcome: DeletionOutcome,
): readonly Omit<Condition, "lastTransitionTime">[] {
  return [
    {
      type: "NamespaceDeletionDiscoveryFailure",
      status: "False",
      reason: "ResourcesDiscovered",
      message: "All resources successfully discovered",
    },
    {
      type: "NamespaceDeletionGroupVersionParsingFailure",
      status: "False",
      reason: "ParsedGroupVersions",
      message: "All legacy kube types successfully parsed",
    },
    contentFailure(outcome.failures),
    contentRemaining(outcome.counts),
    finalizersRemaining(outcome.finalizers),
  ]
}

function contentFailure(failures: readonly string[]): Omit<Condition, "lastTransitionTime"> {
  const type = "NamespaceDeletionContentFailure"
  return failures.length === 0
    ? {
        type,
        status: "False",
        reason: "ContentDeleted",
        message: "All content successfully deleted, may be waiting on finalization",
      }
    : {
        type,
        status: "True",
        reason: "ContentDeletionFailed",
        message: `Failed to delete all resource types, ${failures.length} remaining: ${failures.join(", ")}`,
      }
}

function contentRemaining(
  counts: ReadonlyMap<string, number>,
): Omit<Condition, "lastTransitionTime"> {
  const type = "NamespaceContentRemaining"
  if (counts.size === 0) {
    const message = "All content successfully removed"
    return { type, status: "False", reason: "ContentRemoved", message }
  }
  const listed = sorted(counts, ([name, count]) => `${name} has ${count} resource instances`)
  const message = `Some resources are remaining: ${listed}`
  return { type, status: "True", reason: "SomeResourcesRemain", message }
}

function finalizersRemaining(
  finalizers: ReadonlyMap<string, number>,
): Omit<Condition, "lastTransitionTime"> {
  const type = "NamespaceFinalizersRemaining"
  if (finalizers.size === 0) {
    const message = "All content-preserving finalizers finished"
    return { type, status: "False", reason: "ContentHasNoFinalizers", message }
  }
  const listed = sorted(finalizers, ([name, count]) => `${name} in ${count} resource instances`)
  const message = `Some content in the namespace has finalizers remaining: ${listed}`
  return { type, status: "True", reason: "SomeFinalizersRemain", message }
}

function sorted(
  counts: ReadonlyMap<string, number>,
  show: (entry: readonly [string, number]) => string,
): string {
  return [...counts]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map((entry) => show(entry))
    .join(", ")
}
