import type { BuiltinColumn } from "../builtin-kind.ts"
import { column, formatSelector, listAt, textAt, valueAt } from "../cell.ts"

/** The names and the images of a list of containers. */
export function containerColumns(path: string): readonly BuiltinColumn[] {
  const joined = (field: string) => (object: unknown) =>
    listAt(object, path)
      .map((container) => textAt(container, field))
      .join(",")
  return [column("Containers", joined("name")), column("Images", joined("image"))]
}

/** A label selector; `fallback` when it is missing or empty. */
export function selectorColumn(name: string, path: string, fallback = "<none>"): BuiltinColumn {
  return column(name, (object) => formatSelector(valueAt(object, path)) || fallback)
}
