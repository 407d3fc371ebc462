import { createHash } from "node:crypto"
import { ApiError, apiVersionOf } from "#meta"
import type { Exchange } from "../http/exchange.ts"
import { acceptsJson, mediaTypes } from "../http/negotiate.ts"
import { sendBytes, sendJson } from "../http/respond.ts"
import type { ResourceRegistry } from "../registry.ts"
import type { ExtraSubresource, Resource } from "../resource.ts"
import { compareVersions } from "./version-order.ts"

type Aggregated = "v2" | "v2beta1"

/** `/api`, `/apis` and below: what is served, aggregated or a group version at a time. */
export class Discovery {
  readonly #registry: ResourceRegistry
  readonly #documents = new Map<string, { readonly generation: number; readonly body: Buffer }>()

  constructor(registry: ResourceRegistry) {
    this.#registry = registry
  }

  /** Answers discovery paths; false for others. */
  serve(exchange: Exchange, path: string): boolean {
    const parts = path.split("/").slice(1)
    if (parts[0] !== "api" && parts[0] !== "apis") return path === "/" && this.#root(exchange)
    if (exchange.method !== "GET") return false
    const [root, first, second] = parts
    if (parts.length === 1) this.#groups(exchange, root === "api")
    else if (root === "api") return this.#resources(exchange, "", first ?? "")
    else if (parts.length === 2) return this.#group(exchange, first ?? "")
    else return this.#resources(exchange, first ?? "", second ?? "")
    return true
  }

  #root(exchange: Exchange): boolean {
    const groups = groupsOf(this.#registry.all).map(({ name, versions }) => [
      `/apis/${name}`,
      ...versions.map(({ version }) => `/apis/${name}/${version}`),
    ])
    sendJson(exchange, 200, {
      paths: [
        "/api",
        "/api/v1",
        "/apis",
        ...groups.flat(),
        "/healthz",
        "/livez",
        "/metrics",
        "/openapi/v2",
        "/openapi/v3",
        "/readyz",
        "/version",
      ],
    })
    return true
  }

  #groups(exchange: Exchange, isCore: boolean): void {
    const aggregated = aggregatedVersion(exchange.headers.accept)
    const name = `${isCore ? "api" : "apis"} ${aggregated ?? "plain"}`
    const body = this.#document(name, () => {
      const groups = groupsOf(
        this.#registry.all.filter((resource) => (resource.group === "") === isCore),
      )
      if (aggregated) return aggregatedList(groups, aggregated)
      return isCore
        ? coreVersions
        : { kind: "APIGroupList", apiVersion: "v1", groups: groups.map(plainGroup) }
    })
    const etag = `"${createHash("sha256").update(body).digest("hex").toUpperCase()}"`
    const headers = {
      etag,
      vary: "Accept",
      "cache-control": "public",
      "content-type": aggregated
        ? `application/json;g=apidiscovery.k8s.io;v=${aggregated};as=APIGroupDiscoveryList`
        : "application/json",
    }
    if (aggregated && exchange.headers["if-none-match"] === etag) {
      exchange.begin(304, headers)
      exchange.end()
      return
    }
    sendBytes(exchange, 200, body, headers)
  }

  #group(exchange: Exchange, name: string): boolean {
    const group = groupsOf(this.#registry.all).find((candidate) => candidate.name === name)
    if (!group || name === "") return false
    sendJson(exchange, 200, { kind: "APIGroup", apiVersion: "v1", ...plainGroup(group) })
    return true
  }

  #resources(exchange: Exchange, group: string, version: string): boolean {
    const resources = this.#registry.all.filter(
      (resource) => resource.group === group && resource.version === version,
    )
    if (resources.length === 0) return false
    sendJson(exchange, 200, {
      kind: "APIResourceList",
      ...(group === "" ? {} : { apiVersion: "v1" }),
      groupVersion: apiVersionOf(group, version),
      resources: resources.flatMap((resource) => plainResources(resource)),
    })
    return true
  }

  #document(name: string, make: () => unknown): Buffer {
    const { generation } = this.#registry
    const known = this.#documents.get(name)
    if (known?.generation === generation) return known.body
    const body = Buffer.from(JSON.stringify(make()))
    this.#documents.set(name, { generation, body })
    return body
  }
}

const coreVersions = {
  kind: "APIVersions",
  versions: ["v1"],
  serverAddressByClientCIDRs: [{ clientCIDR: "0.0.0.0/0", serverAddress: "" }],
}

/** The aggregated format a client prefers to the plain one. Errors: `NotAcceptable`. */
function aggregatedVersion(accept: string | undefined): Aggregated | undefined {
  for (const media of mediaTypes(accept)) {
    if (!acceptsJson(media)) continue
    const { g, v, as } = media.parameters
    if (as === undefined) return undefined
    const isKnown = g === "apidiscovery.k8s.io" && as === "APIGroupDiscoveryList"
    if (isKnown && (v === "v2" || v === "v2beta1")) return v
  }
  throw new ApiError(
    406,
    "NotAcceptable",
    "only the following media types are accepted: application/json, application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
  )
}

interface Group {
  readonly name: string
  readonly versions: readonly {
    readonly version: string
    readonly resources: readonly Resource[]
  }[]
}

function groupsOf(resources: readonly Resource[]): readonly Group[] {
  const groups = Map.groupBy(resources, (resource) => resource.group)
  return [...groups]
    .map(([name, members]) => {
      const versions = Map.groupBy(members, (resource) => resource.version)
      return {
        name,
        versions: [...versions]
          .sort(([left], [right]) => compareVersions(left, right))
          .map(([version, served]) => ({ version, resources: served })),
      }
    })
    .sort((left, right) => (left.name < right.name ? -1 : 1))
}

function plainGroup({ name, versions }: Group): object {
  const listed = versions.map(({ version }) => ({
    groupVersion: apiVersionOf(name, version),
    version,
  }))
  return { name, versions: listed, preferredVersion: listed[0] }
}

function plainResources(resource: Resource): readonly object[] {
  const main = {
    name: resource.plural,
    singularName: resource.singular,
    namespaced: resource.namespaced,
    kind: resource.kind,
    verbs: resource.verbs,
    ...(resource.shortNames.length > 0 ? { shortNames: resource.shortNames } : {}),
    ...(resource.categories.length > 0 ? { categories: resource.categories } : {}),
    ...(resource.verbs.includes("list")
      ? { storageVersionHash: storageVersionHash(resource) }
      : {}),
  }
  const parts = subresourcesOf(resource).map(({ name, group, version, kind, verbs }) => ({
    name: `${resource.plural}/${name}`,
    singularName: "",
    namespaced: resource.namespaced,
    ...(group === resource.group ? {} : { group, version }),
    kind,
    verbs,
  }))
  return [main, ...parts]
}

const scaleSubresource: ExtraSubresource = {
  name: "scale",
  group: "autoscaling",
  version: "v1",
  kind: "Scale",
  verbs: ["get", "patch", "update"],
}

function subresourcesOf(resource: Resource): readonly ExtraSubresource[] {
  const { status, scale } = resource.subresources
  const { group, version, kind } = resource
  return [
    ...(status
      ? [{ name: "status", group, version, kind, verbs: ["get", "patch", "update"] }]
      : []),
    ...(scale ? [scaleSubresource] : []),
    ...resource.extraSubresources,
  ]
}

function aggregatedList(groups: readonly Group[], version: Aggregated): object {
  return {
    kind: "APIGroupDiscoveryList",
    apiVersion: `apidiscovery.k8s.io/${version}`,
    metadata: {},
    items: groups.map((group) => ({
      metadata:
        group.name === ""
          ? { creationTimestamp: null }
          : { name: group.name, creationTimestamp: null },
      versions: group.versions.map(({ version: name, resources }) => ({
        version: name,
        resources: resources.map((resource) => aggregatedResource(resource)),
        freshness: "Current",
      })),
    })),
  }
}

function aggregatedResource(resource: Resource): object {
  const parts = subresourcesOf(resource)
  return {
    resource: resource.plural,
    responseKind: { group: resource.group, version: resource.version, kind: resource.kind },
    scope: resource.namespaced ? "Namespaced" : "Cluster",
    singularResource: resource.singular,
    verbs: resource.verbs,
    ...(resource.shortNames.length > 0 ? { shortNames: resource.shortNames } : {}),
    ...(resource.categories.length > 0 ? { categories: resource.categories } : {}),
    ...(parts.length === 0
      ? {}
      : {
          subresources: parts.map(({ name, group, version, kind, verbs }) => ({
            subresource: name,
            responseKind: { group, version, kind },
            verbs,
          })),
        }),
  }
}

/** Names the stored version of a resource, so that clients see when it changes. */
function storageVersionHash(resource: Resource): string {
  const { group, version, kind } = resource.storage
  return createHash("sha256")
    .update(`${group}/${version}/${kind}`)
    .digest()
    .subarray(0, 8)
    .toString("base64")
}
