import {
  type ApiTarget,
  kindApiVersion,
  type ListOptions,
  type PatchOptions,
  type WatchOptions,
  type WriteOptions,
} from "#meta"

/** The path of an object, a subresource or a collection. */
export function pathOf(target: ApiTarget): string {
  const { kind, namespace, name, subresource } = target
  const root = kind.group === "" ? "/api" : "/apis"
  const segments = [
    ...(namespace === undefined || !kind.namespaced ? [] : ["namespaces", namespace]),
    kind.plural,
    ...(name === undefined ? [] : [name]),
    ...(subresource === undefined ? [] : [subresource]),
  ]
  return `${root}/${kindApiVersion(kind)}/${segments.map(encodeURIComponent).join("/")}`
}

export function writeQuery(options: WriteOptions & PatchOptions): string {
  return queryText({
    fieldManager: options.fieldManager,
    fieldValidation: options.fieldValidation,
    dryRun: options.dryRun ? "All" : undefined,
    force: options.force,
  })
}

export function listQuery(options: ListOptions): string {
  return queryText(selection(options))
}

export function watchQuery(options: WatchOptions): string {
  return queryText({
    ...selection(options),
    watch: true,
    allowWatchBookmarks: options.allowBookmarks || undefined,
    ...(options.sendInitialEvents
      ? { sendInitialEvents: true, resourceVersionMatch: "NotOlderThan" }
      : {}),
  })
}

type Parameters = Readonly<Record<string, string | number | boolean | undefined>>

function selection(options: ListOptions): Parameters {
  return {
    labelSelector: options.labelSelector,
    fieldSelector: options.fieldSelector,
    limit: options.limit,
    continue: options.continue,
    resourceVersion: options.resourceVersion,
  }
}

function queryText(parameters: Parameters): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) query.set(name, String(value))
  }
  const text = query.toString()
  return text === "" ? "" : `?${text}`
}
