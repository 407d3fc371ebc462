import {
  ApiError,
  type ApiObject,
  type ApiTransport,
  isNotFound,
  type Kind,
  type KindRef,
} from "#meta"
import type { ApiServer } from "./api-server.ts"
import { definitionOf, isSeeded } from "./custom/definition.ts"

const seeder = {
  name: "system:apiserver",
  groups: ["system:masters", "system:authenticated"],
}

const namespaceKind: KindRef = {
  group: "",
  version: "v1",
  kind: "Namespace",
  plural: "namespaces",
  namespaced: false,
}

const serviceKind: KindRef = {
  group: "",
  version: "v1",
  kind: "Service",
  plural: "services",
  namespaced: true,
}

const definitionKind: KindRef = {
  group: "apiextensions.k8s.io",
  version: "v1",
  kind: "CustomResourceDefinition",
  plural: "customresourcedefinitions",
  namespaced: false,
}

const namespaces = ["default", "kube-system", "kube-public", "kube-node-lease"]

/** Where the `default/kubernetes` Service says the API is. */
export interface SeedOptions {
  readonly serviceAddress?: string | undefined
}

/**
 * Creates what every cluster is born with: system namespaces, the Service `default/kubernetes`, and
 * the definitions of our own kinds. What is there already stays, except the specs of definitions:
 * an earlier release may have written them. Those that users may replace are left alone.
 */
export async function seedCluster(
  server: ApiServer,
  kinds: readonly Kind[],
  options: SeedOptions = {},
): Promise<void> {
  const transport = server.transport(seeder, "mothership")
  for (const name of namespaces) await ensure(transport, namespaceKind, namespaceObject(name))
  await ensure(transport, serviceKind, apiService(options.serviceAddress ?? "10.96.0.1"))
  await Promise.all(kinds.map((kind) => seedDefinition(server, transport, kind)))
}

async function seedDefinition(
  server: ApiServer,
  transport: ApiTransport,
  kind: Kind,
): Promise<void> {
  const wanted = definitionOf(kind)
  const { name } = wanted.metadata
  await ensure(transport, definitionKind, wanted)
  const target = { kind: definitionKind, name }
  const current = (await transport.get(target)) as typeof wanted
  if (isSeeded(current, kind) || server.replaceableGroups.includes(kind.group)) return
  const labels = { ...current.metadata.labels, ...wanted.metadata.labels }
  const metadata = { ...current.metadata, labels }
  await transport.update(target, { ...current, metadata, spec: wanted.spec }, {})
}

async function ensure(transport: ApiTransport, kind: KindRef, object: ApiObject): Promise<void> {
  const { name, namespace } = object.metadata
  try {
    await transport.get({ kind, namespace, name })
  } catch (error) {
    if (!isNotFound(error)) throw error
    await transport.create({ kind, namespace }, object, {}).catch((problem: unknown) => {
      if (!(problem instanceof ApiError && problem.reason === "AlreadyExists")) throw problem
    })
  }
}

function namespaceObject(name: string): ApiObject {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name } }
}

function apiService(clusterIP: string): ApiObject {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: {
      name: "kubernetes",
      namespace: "default",
      labels: { component: "apiserver", provider: "kubernetes" },
    },
    spec: {
      type: "ClusterIP",
      clusterIP,
      clusterIPs: [clusterIP],
      ipFamilies: ["IPv4"],
      ipFamilyPolicy: "SingleStack",
      internalTrafficPolicy: "Cluster",
      sessionAffinity: "None",
      ports: [{ name: "https", port: 443, protocol: "TCP", targetPort: 6443 }],
    },
  } as ApiObject
}
