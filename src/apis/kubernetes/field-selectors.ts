import type { ApiObject } from "#meta"
import type { FieldSelectors } from "./builtin-kind.ts"
import { listAt, numberAt, textAt, valueAt } from "./cell.ts"

type Selectors = Readonly<Record<string, (object: ApiObject) => string>>

const texts = (...paths: readonly string[]): Selectors =>
  Object.fromEntries(paths.map((path) => [path, (object) => textAt(object, path)]))

/** `true` or `false`, also when the field is absent. */
const flag = (path: string) => (object: ApiObject) => String(valueAt(object, path) === true)

const references = [
  "kind",
  "namespace",
  "name",
  "uid",
  "apiVersion",
  "resourceVersion",
  "fieldPath",
]

const ownSelectors: Readonly<Record<string, Selectors>> = {
  "/Pod": {
    ...texts(
      "spec.nodeName",
      "spec.restartPolicy",
      "spec.schedulerName",
      "spec.serviceAccountName",
      "status.phase",
      "status.nominatedNodeName",
    ),
    "spec.host": (object) => textAt(object, "spec.nodeName"),
    "spec.hostNetwork": flag("spec.hostNetwork"),
    "status.podIP": (object) => textAt(listAt(object, "status.podIPs")[0], "ip"),
  },
  "/Node": { "spec.unschedulable": flag("spec.unschedulable") },
  "/Namespace": texts("status.phase"),
  "/Secret": texts("type"),
  "/Service": texts("spec.clusterIP", "spec.type"),
  "/ReplicationController": {
    "status.replicas": (object) => String(numberAt(object, "status.replicas")),
  },
  "/Event": {
    ...texts(...references.map((field) => `involvedObject.${field}`), "reason", "type"),
    reportingComponent: (object) => textAt(object, "reportingComponent"),
    source: (object) => textAt(object, "source.component", textAt(object, "reportingComponent")),
  },
  "events.k8s.io/Event": texts(
    ...references.map((field) => `regarding.${field}`),
    "reason",
    "reportingController",
    "type",
  ),
  "batch/Job": { "status.successful": (object) => String(numberAt(object, "status.succeeded")) },
  "certificates.k8s.io/CertificateSigningRequest": texts("spec.signerName"),
}

/** What field selectors of a kind can compare. */
export function fieldSelectorsOf(groupKind: string, namespaced: boolean): FieldSelectors {
  return {
    "metadata.name": (object) => object.metadata.name,
    ...(namespaced ? texts("metadata.namespace") : {}),
    ...ownSelectors[groupKind],
  }
}
