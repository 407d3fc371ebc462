/**
 * The steps of a JSON pointer (RFC 6901); undefined for text that is none. The empty pointer has
 * none.
 */
export function parsePointer(pointer: string): string[] | undefined {
  if (pointer === "") return []
  if (!pointer.startsWith("/")) return undefined
  return pointer
    .slice(1)
    .split("/")
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"))
}
