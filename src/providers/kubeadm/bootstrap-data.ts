import { type Cluster, type KubeadmConfigSpec, type Machine, uninitializedTaint } from "#apis"
import {
  bootstrapSentinel,
  bootstrapValues,
  type CertificatePurpose,
  endpointText,
  type KeyMaterial,
} from "#contract"
import { publicKeyHash } from "#pki"
import { parsePlan } from "#remote"
import type { HostFile } from "./host-files.ts"
import { bootstrapPlan, type PlanParts } from "./bootstrap-plan.ts"
import { cloudConfigText } from "./cloud-config-text.ts"
import { discoveryFile } from "./discovery-file.ts"
import type { HostUser } from "./host-users.ts"
import { keyFiles } from "./key-files.ts"
import { type NodeFacts, renderInit, renderJoin } from "./kubeadm-yaml.ts"

export interface BootstrapInput {
  readonly mode: PlanParts["mode"]
  readonly spec: KubeadmConfigSpec
  readonly machine: Machine
  readonly cluster: Cluster
  readonly files: readonly HostFile[]
  readonly users: readonly HostUser[]
  /** For control plane machines. */
  readonly keys?: Readonly<Record<CertificatePurpose, KeyMaterial>> | undefined
  /** For machines that join; the token is missing when they find the cluster by a file. */
  readonly discovery?:
    | { readonly token: string | undefined; readonly authorityPem: string }
    | undefined
}

const initPath = "/run/kubeadm/kubeadm.yaml"
const joinPath = "/run/kubeadm/kubeadm-join-config.yaml"
const pkiDirectory = "/etc/kubernetes/pki"
const defaultPort = 6443

/** What the bootstrap Secret holds. Errors: `KubeadmVersionError`, `InvalidPlanError`. */
export function bootstrapData(input: BootstrapInput): Readonly<Record<string, string>> {
  const { spec, mode, users } = input
  const configuration =
    mode === "init"
      ? renderInit(spec, nodeFacts(input))
      : renderJoin(joinConfiguration(input), nodeFacts(input))
  const directory = spec.clusterConfiguration?.certificatesDir ?? pkiDirectory
  const keys = input.keys ? keyFiles(input.keys, directory) : []
  const files = [...input.files, ...discoveryFiles(input)]
  const plan = bootstrapPlan({
    mode,
    configuration,
    keyFiles: keys,
    userFiles: files,
    users,
    bootCommands: spec.bootCommands ?? [],
    preCommands: spec.preKubeadmCommands ?? [],
    postCommands: spec.postKubeadmCommands ?? [],
    verbosity: spec.verbosity,
    secrets: secretsOf(input, keys),
  })
  return bootstrapValues(cloudConfig(input, configuration, [...keys, ...files]), parsePlan(plan))
}

/** What must not show in output: tokens, private keys, whatever came from Secrets. */
function secretsOf(input: BootstrapInput, keys: readonly HostFile[]): readonly string[] {
  const { spec, discovery, files, users } = input
  const tokens = [
    discovery?.token,
    spec.joinConfiguration?.discovery?.tlsBootstrapToken,
    ...(spec.initConfiguration?.bootstrapTokens ?? []).map(({ token }) => token),
    ...users.map(({ passwd }) => passwd),
  ]
  const contents = [...keys, ...files]
    .filter(({ isSecret }) => isSecret)
    .map(({ content }) => content.toString("utf8"))
    .filter((text) => !text.includes("\0"))
  return [...tokens, ...contents].filter((text) => text !== undefined && text !== "") as string[]
}

function discoveryFiles({ spec, discovery, cluster }: BootstrapInput): readonly HostFile[] {
  if (!discovery) return []
  const file = discoveryFile(spec.joinConfiguration?.discovery, {
    server: `https://${endpointOf(cluster) ?? ""}`,
    authorityPem: discovery.authorityPem,
  })
  return file ? [file] : []
}

function cloudConfig(
  { spec, mode, users }: BootstrapInput,
  configuration: string,
  files: readonly HostFile[],
): string {
  const path = mode === "init" ? initPath : joinPath
  const verb = mode === "init" ? "init" : "join"
  const verbosity = spec.verbosity === undefined ? "" : ` --v ${spec.verbosity}`
  const own: HostFile = {
    path,
    content: Buffer.from(configuration),
    permissions: "0640",
    owner: "root:root",
    append: false,
    isSecret: true,
  }
  return cloudConfigText({
    spec,
    users,
    files: [...files, own],
    commands: [
      ...(spec.preKubeadmCommands ?? []),
      `kubeadm ${verb} --config ${path}${verbosity} && mkdir -p /run/cluster-api && echo success > ${bootstrapSentinel}`,
      ...(spec.postKubeadmCommands ?? []),
    ],
  })
}

function nodeFacts({ cluster, machine }: BootstrapInput): NodeFacts {
  const { clusterNetwork } = cluster.spec
  return {
    clusterName: cluster.metadata.name,
    kubernetesVersion: machine.spec.version,
    controlPlaneEndpoint: endpointOf(cluster),
    apiServerPort: clusterNetwork?.apiServerPort,
    podSubnet: clusterNetwork?.pods?.cidrBlocks?.join(","),
    serviceSubnet: clusterNetwork?.services?.cidrBlocks?.join(","),
    dnsDomain: clusterNetwork?.serviceDomain,
  }
}

/** `host:port`; undefined while the Cluster has no host. */
function endpointOf({ spec }: Cluster): string | undefined {
  const { host, port = defaultPort } = spec.controlPlaneEndpoint ?? {}
  return host ? endpointText({ host, port }) : undefined
}

type JoinConfiguration = NonNullable<KubeadmConfigSpec["joinConfiguration"]>

/**
 * The user's join configuration with discovery filled in, and for workers the taint that core takes
 * off.
 */
function joinConfiguration(input: BootstrapInput): JoinConfiguration {
  const { spec, mode } = input
  const given = spec.joinConfiguration ?? {}
  const isWorker = mode === "join-worker"
  const taint = { key: uninitializedTaint, effect: "NoSchedule" }
  return {
    ...given,
    nodeRegistration: isWorker
      ? {
          ...given.nodeRegistration,
          taints: [...(given.nodeRegistration?.taints ?? []), taint],
        }
      : given.nodeRegistration,
    discovery: discoveryOf(input),
    controlPlane: isWorker ? undefined : (given.controlPlane ?? {}),
  }
}

function discoveryOf({ spec, discovery, cluster }: BootstrapInput): JoinConfiguration["discovery"] {
  const given = spec.joinConfiguration?.discovery
  if (given?.file || !discovery) return given
  const { bootstrapToken } = given ?? {}
  const isTrusting = bootstrapToken?.unsafeSkipCAVerification === true
  return {
    ...given,
    bootstrapToken: {
      apiServerEndpoint: endpointOf(cluster),
      ...(isTrusting ? {} : { caCertHashes: [publicKeyHash(discovery.authorityPem)] }),
      ...bootstrapToken,
      token: discovery.token,
    },
  }
}
