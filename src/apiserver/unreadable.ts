import { type ApiError, badRequest } from "#meta"
import { invalidError } from "#schema"
import { invalid } from "./invalid.ts"
import type { Resource } from "./resource.ts"

/** How a client is told that what it sent makes no object of the kind. */
export type Unreadable = (problem: string) => ApiError

/** For a whole object as a body: the request is bad. */
export function unreadableObject({ kind, version }: Resource): Unreadable {
  return (problem) =>
    badRequest(
      `${kind} in version ${JSON.stringify(version)} cannot be handled as a ${kind}: ${problem}`,
    )
}

/** For a patch: `Invalid`, upon which `kubectl edit` opens the editor again. */
export function unreadablePatch(body: unknown): Unreadable {
  return (problem) =>
    invalid({ group: "", kind: "" }, undefined, [invalidError("patch", body, problem)])
}
