import type { FailureDomain, MachineAddress } from "#apis"
import { isObject } from "#base"
import type { Condition, UntypedObject } from "#meta"

/** Where an API server answers. */
export interface Endpoint {
  readonly host: string
  readonly port: number
}

/** What the InfraCluster contract lets us read. */
export interface InfraClusterFacts {
  readonly isProvisioned: boolean
  /** Only when host and port are both there. */
  readonly endpoint: Endpoint | undefined
  readonly failureDomains: readonly FailureDomain[] | undefined
}

/** What the InfraMachine contract lets us read. */
export interface InfraMachineFacts {
  readonly isProvisioned: boolean
  readonly providerId: string | undefined
  readonly addresses: readonly MachineAddress[] | undefined
  readonly failureDomain: string | undefined
  readonly isInterruptible: boolean
}

/** What the BootstrapConfig contract lets us read. */
export interface BootstrapConfigFacts {
  readonly isDataSecretCreated: boolean
  readonly dataSecretName: string | undefined
}

/** What the ControlPlane contract lets us read; counters are undefined where it has none. */
export interface ControlPlaneFacts {
  readonly isInitialized: boolean
  readonly endpoint: Endpoint | undefined
  readonly version: string | undefined
  /** The oldest version that it runs; undefined while it runs none. */
  readonly currentVersion: string | undefined
  readonly desiredReplicas: number | undefined
  readonly replicas: number | undefined
  readonly readyReplicas: number | undefined
  readonly availableReplicas: number | undefined
  readonly upToDateReplicas: number | undefined
  readonly versions: readonly VersionCount[] | undefined
  readonly isExternallyManaged: boolean
}

export interface VersionCount {
  readonly version: string
  readonly replicas?: number | undefined
}

/** Reads both the current contract and v1beta1's, where `status.ready` said it. */
export function readInfraCluster(object: UntypedObject): InfraClusterFacts {
  return {
    isProvisioned: flag(object, "provisioned"),
    endpoint: endpointOf(at(object, "spec", "controlPlaneEndpoint")),
    failureDomains: failureDomainsOf(at(object, "status", "failureDomains")),
  }
}

export function readInfraMachine(object: UntypedObject): InfraMachineFacts {
  const addresses = at(object, "status", "addresses")
  return {
    isProvisioned: flag(object, "provisioned"),
    providerId: text(at(object, "spec", "providerID")),
    addresses:
      Array.isArray(addresses) && addresses.length > 0
        ? (addresses as readonly MachineAddress[])
        : undefined,
    failureDomain:
      text(at(object, "status", "failureDomain")) ?? text(at(object, "spec", "failureDomain")),
    isInterruptible: at(object, "status", "interruptible") === true,
  }
}

export function readBootstrapConfig(object: UntypedObject): BootstrapConfigFacts {
  return {
    isDataSecretCreated: flag(object, "dataSecretCreated"),
    dataSecretName: text(at(object, "status", "dataSecretName")),
  }
}

export function readControlPlane(object: UntypedObject): ControlPlaneFacts {
  const versions = at(object, "status", "versions")
  return {
    isInitialized:
      at(object, "status", "initialization", "controlPlaneInitialized") === true ||
      at(object, "status", "initialized") === true,
    endpoint: endpointOf(at(object, "spec", "controlPlaneEndpoint")),
    version: text(at(object, "spec", "version")),
    currentVersion: oldestVersion(versions) ?? text(at(object, "status", "version")),
    desiredReplicas: count(at(object, "spec", "replicas")),
    replicas: count(at(object, "status", "replicas")),
    readyReplicas: count(at(object, "status", "readyReplicas")),
    availableReplicas: count(at(object, "status", "availableReplicas")),
    upToDateReplicas:
      count(at(object, "status", "upToDateReplicas")) ??
      count(at(object, "status", "updatedReplicas")),
    versions:
      Array.isArray(versions) && versions.length > 0
        ? (versions as readonly VersionCount[])
        : undefined,
    isExternallyManaged: at(object, "status", "externalManagedControlPlane") === true,
  }
}

/** The conditions of an object whose type we do not know; none when it has none or other things. */
export function conditionsOf(object: UntypedObject): readonly Condition[] {
  const conditions = at(object, "status", "conditions")
  return Array.isArray(conditions)
    ? conditions.filter(
        (condition): condition is Condition =>
          isObject(condition) && typeof condition["type"] === "string",
      )
    : []
}

/** A host and a port, or nothing. */
export function endpointOf(value: unknown): Endpoint | undefined {
  if (!isObject(value)) return undefined
  const host = text(value["host"])
  const port = count(value["port"])
  return host === undefined || !port ? undefined : { host, port }
}

/** `host:port` as URLs have it, an IPv6 address in brackets. */
export function endpointText({ host, port }: Endpoint): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`
}

/** They are listed from old to new. */
function oldestVersion(versions: unknown): string | undefined {
  const [first] = Array.isArray(versions) ? (versions as readonly unknown[]) : []
  return isObject(first) ? text(first["version"]) : undefined
}

function flag(object: UntypedObject, name: string): boolean {
  const initialization = at(object, "status", "initialization")
  return isObject(initialization)
    ? initialization[name] === true
    : at(object, "status", "ready") === true
}

/** v1beta1 had a map by name where there is a list now. */
function failureDomainsOf(value: unknown): readonly FailureDomain[] | undefined {
  if (Array.isArray(value)) {
    const domains = (value as readonly FailureDomain[]).map(knownFields)
    return domains.length > 0 ? domains : undefined
  }
  if (!isObject(value) || Object.keys(value).length === 0) return undefined
  return Object.entries(value).map(([name, domain]) =>
    knownFields({ ...(isObject(domain) ? domain : {}), name }),
  )
}

/** Without what a provider may have added: a status with it would be refused. */
function knownFields({ name, controlPlane, attributes }: FailureDomain): FailureDomain {
  return {
    name,
    ...(controlPlane === undefined ? {} : { controlPlane }),
    ...(attributes === undefined ? {} : { attributes }),
  }
}

function at(value: unknown, ...path: readonly string[]): unknown {
  let current = value
  for (const name of path) {
    if (!isObject(current)) return undefined
    current = current[name]
  }
  return current
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined
}

function count(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined
}
