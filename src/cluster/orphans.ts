import { label, type MachineDeployment, type MachineSet } from "#apis"
import { type ApiObject, controllerOf, matchesSelector, type ObjectCache, selectorOf } from "#meta"

/** Objects that the owner's selector matches, and that nobody controls. */
export function orphansOf<T extends ApiObject>(
  owner: MachineSet | MachineDeployment,
  cache: ObjectCache<T>,
): readonly T[] {
  const { clusterName, selector: source } = owner.spec
  const selector = selectorOf(source)
  if (!selector || selector.length === 0) return []
  return cache
    .labelled(label.clusterName, clusterName, owner.metadata.namespace)
    .filter(
      (object) =>
        controllerOf(object) === undefined &&
        object.metadata.deletionTimestamp === undefined &&
        matchesSelector(selector, object.metadata.labels),
    )
}
