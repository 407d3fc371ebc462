import { deepEqual } from "#base"
import type { ApiObject } from "#meta"
import type { Resource } from "../resource.ts"

/** True when a change is one that `metadata.generation` counts. */
export function entersGeneration(resource: Resource, next: ApiObject, current: ApiObject): boolean {
  switch (resource.strategy.generation) {
    case "none":
      return false
    case "spec":
      return !deepEqual(specOf(next), specOf(current))
    case "all":
      return !deepEqual(contentOf(resource, next), contentOf(resource, current))
  }
}

function specOf(object: ApiObject): unknown {
  return (object as ApiObject & { readonly spec?: unknown }).spec
}

function contentOf(resource: Resource, object: ApiObject): unknown {
  const {
    metadata: _metadata,
    status,
    ...content
  } = object as ApiObject & {
    readonly status?: unknown
  }
  return resource.subresources.status ? content : { ...content, status }
}
