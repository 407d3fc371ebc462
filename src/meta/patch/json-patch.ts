import { cloneJson, isObject } from "#base"
import { PatchDocument } from "./patch-document.ts"
import { JsonPatchError, JsonPatchTestError, PatchError } from "./patch-error.ts"

const maxOperations = 10_000
const maxCopiedBytes = 3 * 1024 * 1024

interface Operation {
  readonly index: number
  readonly op: string
  readonly path: string
  readonly from: string | undefined
  readonly value: unknown
}

/**
 * Applies a JSON patch (RFC 6902) the way Kubernetes does: `replace` of a member that is not there
 * sets it, negative indexes count from the end, and `test` against null holds for what is absent.
 * The document is not changed; what the patch does not touch is shared with it. Throws
 * `PatchError` for what is no patch or beyond the limits, `JsonPatchError` for an operation that
 * does not apply, `JsonPatchTestError` for a failed test.
 */
export function applyJsonPatch(document: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch)) {
    throw new PatchError(400, "cannot read JSON patch: it is not a list of operations")
  }
  if (patch.length > maxOperations) {
    throw new PatchError(
      413,
      `The allowed maximum operations in a JSON patch is ${maxOperations}, got ${patch.length}`,
    )
  }
  const target = new PatchDocument(document)
  const budget = { copiedBytes: 0 }
  for (const [index, raw] of patch.entries()) run(target, parseOperation(raw, index), budget)
  return target.finish()
}

function parseOperation(raw: unknown, index: number): Operation {
  if (!isObject(raw)) {
    throw new JsonPatchError(400, { index, path: "" }, `operation ${index} is not an object`)
  }
  const { op, path, from } = raw
  if (typeof op !== "string") {
    throw new JsonPatchError(422, { index, path: "" }, `operation ${index} has no "op"`)
  }
  if (typeof path !== "string") {
    throw new JsonPatchError(
      422,
      { index, path: "" },
      `${op} operation failed to decode path: missing value`,
    )
  }
  if ((op === "move" || op === "copy") && typeof from !== "string") {
    throw new JsonPatchError(
      422,
      { index, path },
      `${op} operation failed to decode from: operation, missing from field: missing value`,
    )
  }
  return {
    index,
    op,
    path,
    from: typeof from === "string" ? from : undefined,
    value: raw["value"] ?? null,
  }
}

function run(target: PatchDocument, operation: Operation, budget: { copiedBytes: number }): void {
  const { op, path, from = "", value, index } = operation
  switch (op) {
    case "add":
      return target.add({ op, index, path }, value)
    case "remove":
      return void target.remove({ op, index, path })
    case "replace":
      return target.replace({ op, index, path }, value)
    case "move": {
      const moved = target.remove({ op, index, path: from })
      return target.add({ op, index, path }, moved)
    }
    case "copy": {
      const copied = target.read({ op, index, path: from }) ?? null
      budget.copiedBytes += target.sizeOf({ op, index, path: from }, copied)
      if (budget.copiedBytes > maxCopiedBytes) {
        throw new JsonPatchError(
          413,
          { index, path },
          `Unable to complete the copy, the accumulated size increase of copy is ${budget.copiedBytes}, exceeding the limit ${maxCopiedBytes}`,
        )
      }
      return target.add({ op, index, path }, cloneJson(copied))
    }
    case "test":
      return test(target, operation)
    default:
      throw new JsonPatchError(422, { index, path }, `Unexpected kind: ${op}`)
  }
}

function test(target: PatchDocument, { op, index, path, value }: Operation): void {
  if (target.matches({ op, index, path }, value)) return
  throw new JsonPatchTestError(422, { index, path }, `testing value ${path} failed: test failed`)
}
