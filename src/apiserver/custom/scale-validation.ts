import type { ApiObject, Subresources } from "#meta"
import { compileJsonPath, type FieldError, invalidError } from "#schema"
import type { Strategy } from "../resource.ts"

const replicasMax = 2 ** 31 - 1

/** Refuses numbers of replicas that no Scale could show. */
export function validateReplicas(
  scale: NonNullable<Subresources["scale"]>,
): NonNullable<Strategy["validate"]> {
  const paths = [scale.specReplicasPath, scale.statusReplicasPath]
  const readers = paths.map((path) => ({ path, read: compileJsonPath(path) }))
  return (object: ApiObject): readonly FieldError[] =>
    readers.flatMap(({ path, read }) => {
      const [replicas] = read.find(object)
      if (typeof replicas !== "number") return []
      if (replicas < 0) return [invalidError(path, replicas, "should be a non-negative integer")]
      if (replicas <= replicasMax) return []
      return [invalidError(path, replicas, `should be less than or equal to ${replicasMax}`)]
    })
}
