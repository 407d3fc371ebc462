import { stringify } from "yaml"
import type { KubeadmConfigSpec } from "#apis"

/** Facts that kubeadm is told from the Cluster and the Machine, not from the KubeadmConfig. */
export interface NodeFacts {
  readonly clusterName: string
  /** With a leading `v`; kubeadm decides when the Machine names none. */
  readonly kubernetesVersion: string | undefined
  /** `host:port`. */
  readonly controlPlaneEndpoint: string | undefined
  readonly podSubnet: string | undefined
  readonly serviceSubnet: string | undefined
  readonly dnsDomain: string | undefined
  /** The port that API servers bind to where the KubeadmConfig names none. */
  readonly apiServerPort: number | undefined
}

/** A Kubernetes version that no kubeadm format is known for. */
export class KubeadmVersionError extends Error {
  override readonly name = "KubeadmVersionError"
}

type Format = "v1beta3" | "v1beta4"
type ClusterConfiguration = NonNullable<KubeadmConfigSpec["clusterConfiguration"]>
type InitConfiguration = NonNullable<KubeadmConfigSpec["initConfiguration"]>
type JoinConfiguration = NonNullable<KubeadmConfigSpec["joinConfiguration"]>
type NodeRegistration = NonNullable<InitConfiguration["nodeRegistration"]>
type Timeouts = NonNullable<InitConfiguration["timeouts"]>
type Argument = { readonly name: string; readonly value: string }
type Component = NonNullable<ClusterConfiguration["scheduler"]>

/** The file format of kubeadm's own configuration. Errors: `KubeadmVersionError`. */
export function kubeadmFormat(kubernetesVersion: string | undefined): Format {
  if (kubernetesVersion === undefined) return "v1beta4"
  const match = /^v1\.(\d+)\./.exec(kubernetesVersion)
  const minor = Number(match?.[1] ?? Number.NaN)
  if (minor >= 31) return "v1beta4"
  if (minor >= 22) return "v1beta3"
  throw new KubeadmVersionError(
    `render kubeadm configuration: version ${JSON.stringify(kubernetesVersion)} is not v1.22.0 or later`,
  )
}

/** The documents that `kubeadm init` reads. Errors: `KubeadmVersionError`. */
export function renderInit(spec: KubeadmConfigSpec, facts: NodeFacts): string {
  const format = kubeadmFormat(facts.kubernetesVersion)
  return documents(
    clusterDocument(
      spec.clusterConfiguration ?? {},
      spec.initConfiguration?.timeouts,
      facts,
      format,
    ),
    initDocument(spec.initConfiguration ?? {}, facts, format),
  )
}

/** The document that `kubeadm join` reads. Errors: `KubeadmVersionError`. */
export function renderJoin(configuration: JoinConfiguration, facts: NodeFacts): string {
  return documents(joinDocument(configuration, facts, kubeadmFormat(facts.kubernetesVersion)))
}

function documents(...values: readonly object[]): string {
  // kubeadm reads YAML 1.1, where `off` and `y` without quotes are no text.
  const options = { lineWidth: 0, version: "1.1" } as const
  return values.map((value) => `---\n${stringify(prune(value), options)}`).join("")
}

/** Drops what is undefined; an empty list says something (no taints), an empty object does not. */
function prune(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => prune(item))
  if (typeof value !== "object" || value === null) return value
  const entries = Object.entries(value)
    .map(([key, member]) => [key, prune(member)] as const)
    .filter(([, member]) => member !== undefined && !isEmptyObject(member))
  return Object.fromEntries(entries)
}

function isEmptyObject(value: unknown): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    Object.keys(value).length === 0
  )
}

function clusterDocument(
  configuration: ClusterConfiguration,
  timeouts: Timeouts | undefined,
  facts: NodeFacts,
  format: Format,
): object {
  const { apiServer, controllerManager, scheduler, etcd } = configuration
  const newOnly = format === "v1beta4"
  return {
    apiVersion: `kubeadm.k8s.io/${format}`,
    kind: "ClusterConfiguration",
    clusterName: facts.clusterName,
    kubernetesVersion: facts.kubernetesVersion,
    controlPlaneEndpoint: configuration.controlPlaneEndpoint ?? facts.controlPlaneEndpoint,
    networking: {
      podSubnet: facts.podSubnet,
      serviceSubnet: facts.serviceSubnet,
      dnsDomain: facts.dnsDomain,
    },
    apiServer: {
      ...component(apiServer, format),
      certSANs: apiServer?.certSANs,
      ...(newOnly
        ? {}
        : { timeoutForControlPlane: duration(timeouts?.controlPlaneComponentHealthCheckSeconds) }),
    },
    controllerManager: component(controllerManager, format),
    scheduler: component(scheduler, format),
    etcd: etcd?.external
      ? { external: etcd.external }
      : {
          local: etcd?.local && {
            ...etcd.local,
            extraArgs: extraArguments(etcd.local.extraArgs, format),
            extraEnvs: newOnly ? etcd.local.extraEnvs : undefined,
          },
        },
    dns: configuration.dns,
    certificatesDir: configuration.certificatesDir,
    imageRepository: configuration.imageRepository,
    featureGates: configuration.featureGates,
    ...(newOnly
      ? {
          certificateValidityPeriod: days(configuration.certificateValidityPeriodDays),
          caCertificateValidityPeriod: days(configuration.caCertificateValidityPeriodDays),
          encryptionAlgorithm: configuration.encryptionAlgorithm,
        }
      : {}),
  }
}

function initDocument(configuration: InitConfiguration, facts: NodeFacts, format: Format): object {
  return {
    apiVersion: `kubeadm.k8s.io/${format}`,
    kind: "InitConfiguration",
    bootstrapTokens: configuration.bootstrapTokens?.map(({ ttlSeconds, ...token }) => ({
      ...token,
      ttl: duration(ttlSeconds),
    })),
    nodeRegistration: nodeRegistration(configuration.nodeRegistration, format),
    localAPIEndpoint: { bindPort: facts.apiServerPort, ...configuration.localAPIEndpoint },
    skipPhases: configuration.skipPhases,
    patches: configuration.patches,
    ...(format === "v1beta4" ? { timeouts: timeoutsOf(configuration.timeouts) } : {}),
  }
}

function joinDocument(configuration: JoinConfiguration, facts: NodeFacts, format: Format): object {
  const { discovery, controlPlane } = configuration
  return {
    apiVersion: `kubeadm.k8s.io/${format}`,
    kind: "JoinConfiguration",
    nodeRegistration: nodeRegistration(configuration.nodeRegistration, format),
    caCertPath: configuration.caCertPath,
    discovery: {
      bootstrapToken: discovery?.bootstrapToken,
      file: discovery?.file && { kubeConfigPath: discovery.file.kubeConfigPath },
      tlsBootstrapToken: discovery?.tlsBootstrapToken,
      ...(format === "v1beta3"
        ? { timeout: duration(configuration.timeouts?.tlsBootstrapSeconds) }
        : {}),
    },
    controlPlane: controlPlane && {
      localAPIEndpoint: { bindPort: facts.apiServerPort ?? 6443, ...controlPlane.localAPIEndpoint },
    },
    skipPhases: configuration.skipPhases,
    patches: configuration.patches,
    ...(format === "v1beta4" ? { timeouts: timeoutsOf(configuration.timeouts) } : {}),
  }
}

function component(configuration: Component | undefined, format: Format): object {
  return {
    extraArgs: extraArguments(configuration?.extraArgs, format),
    extraVolumes: configuration?.extraVolumes,
    extraEnvs: format === "v1beta4" ? configuration?.extraEnvs : undefined,
  }
}

function nodeRegistration(
  registration: NodeRegistration | undefined,
  format: Format,
): object | undefined {
  if (!registration) return undefined
  const { kubeletExtraArgs, imagePullSerial, ...rest } = registration
  return {
    ...rest,
    kubeletExtraArgs: extraArguments(kubeletExtraArgs, format),
    ...(format === "v1beta4" ? { imagePullSerial } : {}),
  }
}

/** Flags are a list since v1beta4 and were a map before. */
function extraArguments(
  list: readonly Argument[] | undefined,
  format: Format,
): readonly Argument[] | Readonly<Record<string, string>> | undefined {
  if (!list || format === "v1beta4") return list
  return Object.fromEntries(list.map(({ name, value }) => [name, value]))
}

function timeoutsOf(timeouts: Timeouts | undefined): object | undefined {
  if (!timeouts) return undefined
  return {
    controlPlaneComponentHealthCheck: duration(timeouts.controlPlaneComponentHealthCheckSeconds),
    kubeletHealthCheck: duration(timeouts.kubeletHealthCheckSeconds),
    kubernetesAPICall: duration(timeouts.kubernetesAPICallSeconds),
    etcdAPICall: duration(timeouts.etcdAPICallSeconds),
    tlsBootstrap: duration(timeouts.tlsBootstrapSeconds),
    discovery: duration(timeouts.discoverySeconds),
  }
}

function duration(seconds: number | undefined): string | undefined {
  return seconds === undefined ? undefined : `${seconds}s`
}

function days(count: number | undefined): string | undefined {
  return count === undefined ? undefined : `${count * 24}h`
}
