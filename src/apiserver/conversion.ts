import { apiVersionOf, type ApiObject, type VersionResolver } from "#meta"
import type { Resource } from "./resource.ts"

/** The stored form of an object that came in a served version. */
export function toStorage(
  resource: Resource,
  object: ApiObject,
  resolve: VersionResolver,
): ApiObject {
  return resource.conversion
    ? resource.conversion.toHub(object, resolve)
    : inVersionOf(resource.storage, object)
}

/** A stored object in the version of the resource. */
export function fromStorage(
  resource: Resource,
  object: ApiObject,
  resolve: VersionResolver,
): ApiObject {
  if (resource.conversion) return resource.conversion.fromHub(object, resolve)
  const shown = inVersionOf(resource, object)
  return resource.revive?.(shown) ?? shown
}

/** Without a conversion of their own, versions differ in name only. */
function inVersionOf(resource: Resource, object: ApiObject): ApiObject {
  const apiVersion = apiVersionOf(resource.group, resource.version)
  return object.apiVersion === apiVersion ? object : { ...object, apiVersion }
}
