/** `metav1.Condition`. */
export interface Condition {
  readonly type: string
  readonly status: "True" | "False" | "Unknown"
  readonly reason: string
  readonly message?: string | undefined
  readonly lastTransitionTime?: string | undefined
  readonly observedGeneration?: number | undefined
}

interface Conditioned {
  readonly status?: { readonly conditions?: readonly Condition[] | undefined } | undefined
}

/** The object's condition of that type, if it has one. */
export function findCondition(object: Conditioned, type: string): Condition | undefined {
  return object.status?.conditions?.find((condition) => condition.type === type)
}

export function isConditionTrue(object: Conditioned, type: string): boolean {
  return findCondition(object, type)?.status === "True"
}

/**
 * The list with one condition set, by type. The transition time moves only when the status does;
 * the message is always written, because schemas require it; the same list comes back when nothing
 * changes.
 */
export function setCondition(
  conditions: readonly Condition[],
  next: Condition,
  now: string,
): readonly Condition[] {
  const current = conditions.find((condition) => condition.type === next.type)
  const lastTransitionTime =
    current && current.status === next.status && current.lastTransitionTime
      ? current.lastTransitionTime
      : now
  const merged: Condition = {
    type: next.type,
    status: next.status,
    ...(next.observedGeneration === undefined
      ? {}
      : { observedGeneration: next.observedGeneration }),
    lastTransitionTime,
    reason: next.reason,
    message: next.message ?? "",
  }
  if (!current) return [...conditions, merged]
  const unchanged =
    current.status === merged.status &&
    current.reason === merged.reason &&
    current.message === merged.message &&
    current.observedGeneration === merged.observedGeneration
  if (unchanged) return conditions
  return conditions.map((condition) => (condition.type === next.type ? merged : condition))
}
