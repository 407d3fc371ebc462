import type { BuiltinColumn, BuiltinKind } from "./builtin-kind.ts"
import { controlColumns } from "./columns/control.ts"
import { coreColumns } from "./columns/core.ts"
import { networkColumns } from "./columns/network.ts"
import { podColumns } from "./columns/pod.ts"
import { storageColumns } from "./columns/storage.ts"
import { workloadColumns } from "./columns/workloads.ts"
import { fieldSelectorsOf } from "./field-selectors.ts"
import resources from "./resources.gen.json" with { type: "json" }

const columns: Readonly<Record<string, readonly BuiltinColumn[]>> = {
  ...coreColumns,
  ...podColumns,
  ...workloadColumns,
  ...networkColumns,
  ...storageColumns,
  ...controlColumns,
}

/**
 * Every resource of Kubernetes' own groups that has a schema and a protobuf form here. Which of
 * them are served is for the server to choose: what it hides must be absent from discovery.
 */
export const kubernetesKinds: readonly BuiltinKind[] = resources.map((resource) => {
  const groupKind = `${resource.group}/${resource.kind}`
  return {
    ...resource,
    columns: columns[groupKind] ?? [],
    fieldSelectors: fieldSelectorsOf(groupKind, resource.namespaced),
  }
})
