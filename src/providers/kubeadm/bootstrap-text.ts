import type { Cluster, KubeadmConfigSpec, Machine } from "#apis"
import {
  bootstrapSentinel,
  bootstrapValues,
  type CertificatePurpose,
  type KeyMaterial,
  uninitializedTaint,
} from "#contract"
import type { HostFile } from "./bootstrap-files.ts"
import { bootstrapPlan, type PlanParts } from "./bootstrap-plan.ts"
import { cloudConfigText } from "./cloud-config-text.ts"
import { keyFiles } from "./key-files.ts"
import { type NodeFacts, renderInit, renderJoin } from "./kubeadm-yaml.ts"

export interface BootstrapInput {
  readonly mode: PlanParts["mode"]
  readonly spec: KubeadmConfigSpec
  readonly machine: Machine
  readonly cluster: Cluster
  readonly files: readonly HostFile[]
  /** For control plane machines. */
  readonly keys?: Readonly<Record<CertificatePurpose, KeyMaterial>> | undefined
  /** For machines that join. */
  readonly discovery?: { readonly token: string; readonly caCertHash: string } | undefined
}

const initPath = "/run/kubeadm/kubeadm.yaml"
const joinPath = "/run/kubeadm/kubeadm-join-config.yaml"
const defaultVersion = "v1.34.4"

/** What the bootstrap Secret holds. Errors: `KubeadmVersionError`. */
export function bootstrapData(input: BootstrapInput): Readonly<Record<string, string>> {
  const { spec, mode, discovery } = input
  const configuration =
    mode === "init"
      ? renderInit(spec, nodeFacts(input))
      : renderJoin(joinConfiguration(input), nodeFacts(input))
  const keys = input.keys ? keyFiles(input.keys) : []
  const plan = bootstrapPlan({
    mode,
    configuration,
    keyFiles: keys,
    userFiles: input.files,
    bootCommands: spec.bootCommands ?? [],
    preCommands: spec.preKubeadmCommands ?? [],
    postCommands: spec.postKubeadmCommands ?? [],
    verbosity: spec.verbosity,
    secrets: [...(discovery ? [discovery.token] : []), ...keys.map(secretOf).filter(isText)],
  })
  return bootstrapValues(cloudConfig(input, configuration, keys), plan)
}

function cloudConfig(
  { spec, mode, files }: BootstrapInput,
  configuration: string,
  keys: readonly HostFile[],
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
  }
  return cloudConfigText({
    spec,
    files: [...keys, ...files, own],
    commands: [
      ...(spec.preKubeadmCommands ?? []),
      `kubeadm ${verb} --config ${path}${verbosity} && mkdir -p /run/cluster-api && echo success > ${bootstrapSentinel}`,
      ...(spec.postKubeadmCommands ?? []),
    ],
  })
}

function nodeFacts({ cluster, machine }: BootstrapInput): NodeFacts {
  const { clusterNetwork, controlPlaneEndpoint } = cluster.spec
  const { host, port } = controlPlaneEndpoint ?? {}
  return {
    clusterName: cluster.metadata.name,
    kubernetesVersion: machine.spec.version ?? defaultVersion,
    controlPlaneEndpoint: host ? `${host}:${port ?? 6443}` : undefined,
    podSubnet: clusterNetwork?.pods?.cidrBlocks?.join(","),
    serviceSubnet: clusterNetwork?.services?.cidrBlocks?.join(","),
    dnsDomain: clusterNetwork?.serviceDomain,
  }
}

type JoinConfiguration = NonNullable<KubeadmConfigSpec["joinConfiguration"]>

/** The user's join configuration with discovery filled in, and for workers the taint that core takes off. */
function joinConfiguration(input: BootstrapInput): JoinConfiguration {
  const { spec, discovery, mode, cluster } = input
  const given = spec.joinConfiguration ?? {}
  const { host = "", port = 6443 } = cluster.spec.controlPlaneEndpoint ?? {}
  const isWorker = mode === "join-worker"
  const taint = { key: uninitializedTaint, effect: "NoSchedule" }
  const { bootstrapToken } = given.discovery ?? {}
  return {
    ...given,
    nodeRegistration: isWorker
      ? {
          ...given.nodeRegistration,
          taints: [...(given.nodeRegistration?.taints ?? []), taint],
        }
      : given.nodeRegistration,
    discovery: {
      ...given.discovery,
      bootstrapToken: {
        apiServerEndpoint: `${host}:${port}`,
        ...(discovery ? { caCertHashes: [discovery.caCertHash] } : {}),
        ...bootstrapToken,
        ...(discovery ? { token: discovery.token } : {}),
      },
    },
    controlPlane: isWorker ? undefined : (given.controlPlane ?? { localAPIEndpoint: {} }),
  }
}

/** Private keys must not show in output; certificates may. */
function secretOf(file: HostFile): string | undefined {
  return file.path.endsWith(".key") ? file.content.toString("utf8") : undefined
}

function isText(value: string | undefined): value is string {
  return value !== undefined && value !== ""
}
