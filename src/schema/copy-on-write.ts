import { setOwn } from "#base"

/** A new object with the first `count` of the named members: where a changed copy starts. */
export function copyMembers(
  object: Readonly<Record<string, unknown>>,
  names: readonly string[],
  count: number,
): Record<string, unknown> {
  const copy: Record<string, unknown> = {}
  for (let index = 0; index < count; index += 1) {
    const name = names[index] as string
    setOwn(copy, name, object[name])
  }
  return copy
}
