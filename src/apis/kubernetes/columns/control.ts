import type { BuiltinColumn } from "../builtin-kind.ts"
import {
  ageColumn,
  column,
  conditionAt,
  countColumn,
  formatSelector,
  listAt,
  nameColumn,
  numberAt,
  textAt,
  textColumn,
  valueAt,
  wide,
} from "../cell.ts"
import { humanDuration } from "../human-duration.ts"

const createdColumn: BuiltinColumn = {
  name: "Created At",
  type: "date",
  cell: (object) => object.metadata.creationTimestamp ?? "<unknown>",
}

/** What a kind shows that has no columns of its own. */
const plainColumns: readonly BuiltinColumn[] = [nameColumn, createdColumn]

const subjects = (object: unknown, kind: string): readonly unknown[] =>
  listAt(object, "subjects").filter((subject) => valueAt(subject, "kind") === kind)

const subjectNames = (kind: string) => (object: unknown) =>
  subjects(object, kind)
    .map((subject) => textAt(subject, "name"))
    .join(", ")

const bindingColumns: readonly BuiltinColumn[] = [
  nameColumn,
  column("Role", (object) => `${textAt(object, "roleRef.kind")}/${textAt(object, "roleRef.name")}`),
  ageColumn,
  ...wide(
    column("Users", subjectNames("User")),
    column("Groups", subjectNames("Group")),
    column("ServiceAccounts", (object) =>
      subjects(object, "ServiceAccount")
        .map((subject) => `${textAt(subject, "namespace")}/${textAt(subject, "name")}`)
        .join(", "),
    ),
  ),
]

function signingState(request: unknown): string {
  const has = (type: string): boolean =>
    conditionAt(request, "status.conditions", type) !== undefined
  const decision = has("Denied") ? "Denied" : has("Approved") ? "Approved" : "Pending"
  const failed = has("Failed") ? ",Failed" : ""
  return `${decision}${failed}${textAt(request, "status.certificate") === "" ? "" : ",Issued"}`
}

function requestedDuration(request: unknown): string {
  const seconds = valueAt(request, "spec.expirationSeconds")
  return typeof seconds === "number" ? humanDuration(seconds * 1000) : "<none>"
}

const webhookColumns = [nameColumn, countColumn("Webhooks", "webhooks"), ageColumn]

function parameter(binding: unknown): string {
  const reference = valueAt(binding, "spec.paramRef")
  const name = textAt(reference, "name")
  if (name !== "") return `${textAt(reference, "namespace", "*")}/${name}`
  return formatSelector(valueAt(reference, "selector")) || "<unset>"
}

function availability(service: unknown): string {
  const condition = conditionAt(service, "status.conditions", "Available")
  const status = textAt(condition, "status", "Unknown")
  const reason = textAt(condition, "reason")
  return status === "True" || reason === "" ? status : `${status} (${reason})`
}

const limitColumn = (name: string, path: string): BuiltinColumn =>
  column(name, (object) =>
    valueAt(object, path) === undefined ? "<none>" : numberAt(object, path),
  )

const queuing = "spec.limited.limitResponse.queuing"

/** Columns of what governs the API itself, by group and kind. */
export const controlColumns: Readonly<Record<string, readonly BuiltinColumn[]>> = {
  "/LimitRange": plainColumns,
  "rbac.authorization.k8s.io/Role": plainColumns,
  "rbac.authorization.k8s.io/ClusterRole": plainColumns,
  "rbac.authorization.k8s.io/RoleBinding": bindingColumns,
  "rbac.authorization.k8s.io/ClusterRoleBinding": bindingColumns,
  "apiextensions.k8s.io/CustomResourceDefinition": plainColumns,
  "coordination.k8s.io/Lease": [nameColumn, textColumn("Holder", "spec.holderIdentity"), ageColumn],
  "certificates.k8s.io/CertificateSigningRequest": [
    nameColumn,
    ageColumn,
    textColumn("SignerName", "spec.signerName", "<none>"),
    textColumn("Requestor", "spec.username"),
    column("RequestedDuration", requestedDuration),
    column("Condition", signingState),
  ],
  "admissionregistration.k8s.io/MutatingWebhookConfiguration": webhookColumns,
  "admissionregistration.k8s.io/ValidatingWebhookConfiguration": webhookColumns,
  "admissionregistration.k8s.io/ValidatingAdmissionPolicy": [
    nameColumn,
    countColumn("Validations", "spec.validations"),
    column("ParamKind", (object) => {
      const kind = valueAt(object, "spec.paramKind")
      return kind ? `${textAt(kind, "apiVersion")}/${textAt(kind, "kind")}` : "<unset>"
    }),
    ageColumn,
  ],
  "admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding": [
    nameColumn,
    textColumn("PolicyName", "spec.policyName"),
    column("ParamRef", parameter),
    ageColumn,
  ],
  "apiregistration.k8s.io/APIService": [
    nameColumn,
    column("Service", (object) => {
      const service = valueAt(object, "spec.service")
      return service ? `${textAt(service, "namespace")}/${textAt(service, "name")}` : "Local"
    }),
    column("Available", availability),
    ageColumn,
  ],
  "flowcontrol.apiserver.k8s.io/FlowSchema": [
    nameColumn,
    textColumn("PriorityLevel", "spec.priorityLevelConfiguration.name"),
    column("MatchingPrecedence", (object) => numberAt(object, "spec.matchingPrecedence")),
    textColumn("DistinguisherMethod", "spec.distinguisherMethod.type", "<none>"),
    ageColumn,
    column("MissingPL", (object) =>
      textAt(conditionAt(object, "status.conditions", "Dangling"), "status", "?"),
    ),
  ],
  "flowcontrol.apiserver.k8s.io/PriorityLevelConfiguration": [
    nameColumn,
    textColumn("Type", "spec.type"),
    limitColumn("NominalConcurrencyShares", "spec.limited.nominalConcurrencyShares"),
    limitColumn("Queues", `${queuing}.queues`),
    limitColumn("HandSize", `${queuing}.handSize`),
    limitColumn("QueueLengthLimit", `${queuing}.queueLengthLimit`),
    ageColumn,
  ],
}
