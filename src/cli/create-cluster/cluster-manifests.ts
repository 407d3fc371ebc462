import {
  ClusterKind,
  KubeadmConfigKind,
  KubeadmConfigTemplateKind,
  label,
  MachineDeploymentKind,
  MachineKind,
  PooledRemoteMachineKind,
  RemoteClusterKind,
  RemoteMachineKind,
  RemoteMachineTemplateKind,
  SecretKind,
} from "#apis"
import type { ApplyManifest } from "#client"
import { type ApiObject, kindApiVersion, type KindRef, type UntypedObject } from "#meta"
import { apiServerPort, type ClusterPlan } from "./cluster-plan.ts"
import type { HostAddress } from "./host-address.ts"

const criSocket = "unix:///run/containerd/containerd.sock"

/** The objects of the cluster, in the order in which people read them. */
export function clusterManifests(plan: ClusterPlan): readonly UntypedObject[] {
  return [
    sshKeySecret(plan),
    ...cluster(plan),
    ...plan.controlPlane.flatMap((host, index) => controlPlaneMachine(plan, host, index)),
    ...(plan.workers.length > 0 ? workers(plan) : []),
  ]
}

/** Name of the Secret with the SSH key. */
export function sshKeySecretName(plan: ClusterPlan): string {
  return `${plan.name}-ssh-key`
}

function sshKeySecret(plan: ClusterPlan): UntypedObject {
  const { pem, passphrase } = plan.sshKey
  return manifest(SecretKind, {
    metadata: metadata(plan, sshKeySecretName(plan)),
    type: "Opaque",
    data: {
      value: encode(pem),
      ...(passphrase === undefined ? {} : { passphrase: encode(passphrase) }),
    },
  })
}

function cluster(plan: ClusterPlan): readonly UntypedObject[] {
  const [first] = plan.controlPlane
  const controlPlaneEndpoint = { host: first?.address ?? "", port: apiServerPort }
  return [
    manifest(ClusterKind, {
      metadata: metadata(plan, plan.name),
      spec: {
        clusterNetwork: {
          pods: { cidrBlocks: [plan.podCidr] },
          services: { cidrBlocks: [plan.serviceCidr] },
        },
        controlPlaneEndpoint,
        infrastructureRef: referenceTo(RemoteClusterKind, plan.name),
      },
    }),
    manifest(RemoteClusterKind, {
      metadata: metadata(plan, plan.name),
      spec: { controlPlaneEndpoint },
    }),
  ]
}

function controlPlaneMachine(
  plan: ClusterPlan,
  host: HostAddress,
  index: number,
): readonly UntypedObject[] {
  const name = `${plan.name}-control-plane-${index}`
  const configuration = { nodeRegistration: { criSocket } }
  return [
    manifest(MachineKind, {
      metadata: metadata(plan, name, { [label.controlPlane]: "" }),
      spec: {
        clusterName: plan.name,
        version: plan.kubernetesVersion,
        bootstrap: { configRef: referenceTo(KubeadmConfigKind, name) },
        infrastructureRef: referenceTo(RemoteMachineKind, name),
      },
    }),
    manifest(KubeadmConfigKind, {
      metadata: metadata(plan, name),
      spec:
        index === 0 ? { initConfiguration: configuration } : { joinConfiguration: configuration },
    }),
    manifest(RemoteMachineKind, {
      metadata: metadata(plan, name),
      spec: { ...connection(plan, host), ...artifactsOf(plan) },
    }),
  ]
}

function workers(plan: ClusterPlan): readonly UntypedObject[] {
  const name = `${plan.name}-workers`
  return [
    ...plan.workers.map((host, index) =>
      manifest(PooledRemoteMachineKind, {
        metadata: metadata(plan, `${plan.name}-worker-${index}`),
        spec: { pool: name, machine: connection(plan, host) },
      }),
    ),
    manifest(KubeadmConfigTemplateKind, {
      metadata: metadata(plan, name),
      spec: { template: { spec: { joinConfiguration: { nodeRegistration: { criSocket } } } } },
    }),
    manifest(RemoteMachineTemplateKind, {
      metadata: metadata(plan, name),
      spec: { template: { spec: { pool: name, ...artifactsOf(plan) } } },
    }),
    manifest(MachineDeploymentKind, {
      metadata: metadata(plan, name),
      spec: {
        clusterName: plan.name,
        replicas: plan.workers.length,
        selector: {},
        template: {
          spec: {
            clusterName: plan.name,
            version: plan.kubernetesVersion,
            bootstrap: { configRef: referenceTo(KubeadmConfigTemplateKind, name) },
            infrastructureRef: referenceTo(RemoteMachineTemplateKind, name),
          },
        },
      },
    }),
  ]
}

function artifactsOf({ artifacts }: ClusterPlan) {
  return artifacts === undefined ? {} : { artifacts }
}

/** How a host is reached; whoever is not root needs sudo. */
function connection(plan: ClusterPlan, { user, address, port }: HostAddress) {
  return {
    address,
    port,
    user,
    ...(user === "root" ? {} : { useSudo: true }),
    sshKeyRef: { name: sshKeySecretName(plan) },
  }
}

/** Fields that have defaults may be left out. */
function manifest<T extends ApiObject>(kind: KindRef<T>, object: ApplyManifest<T>): UntypedObject {
  const header = { apiVersion: kindApiVersion(kind), kind: kind.kind }
  return Object.assign(header, object as object) as UntypedObject
}

function metadata(plan: ClusterPlan, name: string, labels: Readonly<Record<string, string>> = {}) {
  const { namespace } = plan
  return { name, namespace, labels: { [label.clusterName]: plan.name, ...labels } }
}

function referenceTo({ group, kind }: KindRef, name: string) {
  return { apiGroup: group, kind, name }
}

function encode(text: string): string {
  return Buffer.from(text, "utf8").toString("base64")
}
