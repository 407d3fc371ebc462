import type { ApiObject } from "#meta"
import { derivedUid } from "./deterministic.ts"

/** A simulated machine that is up. */
export interface SimulatedMachine {
  readonly name: string
  readonly isControlPlane: boolean
  readonly version: string
  readonly providerId: string
  readonly address: string
  /** RFC 3339; when the machine came into being. */
  readonly createdAt: string
}

export interface ClusterFacts {
  /** UIDs are derived from it: the same seed gives the same cluster. */
  readonly seed: string
  readonly name: string
  /** RFC 3339. */
  readonly createdAt: string
  readonly podCidr: string | undefined
  readonly serviceCidr: string | undefined
}

/** An object that follows from the Dev objects. */
export interface Derived {
  readonly plural: string
  readonly group: string
  readonly object: ApiObject
}

function metadata(
  cluster: ClusterFacts,
  place: { readonly kind: string; readonly name: string; readonly namespace?: string },
  createdAt: string,
): ApiObject["metadata"] {
  const { kind, name, namespace } = place
  return {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    uid: derivedUid(cluster.seed, kind, namespace ?? "", name, createdAt),
    creationTimestamp: createdAt,
  }
}

const controlPlaneRole = "node-role.kubernetes.io/control-plane"

/** What one machine adds to its cluster: a Node and, on a control plane, its static pods. */
export function machineObjects(
  cluster: ClusterFacts,
  machine: SimulatedMachine,
): readonly Derived[] {
  const node = { group: "", plural: "nodes", object: nodeObject(cluster, machine) }
  if (!machine.isControlPlane) return [node]
  const components = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"]
  return [
    node,
    ...components.map((component) => ({
      group: "",
      plural: "pods",
      object: staticPod(cluster, machine, component),
    })),
  ]
}

function nodeObject(cluster: ClusterFacts, machine: SimulatedMachine): ApiObject {
  const { name, isControlPlane, version, providerId, address, createdAt } = machine
  const ready = (type: string, status: string, reason: string): object => ({
    type,
    status,
    reason,
    message: "",
    lastHeartbeatTime: createdAt,
    lastTransitionTime: createdAt,
  })
  const machineID = derivedUid(cluster.seed, "machine", name, createdAt)
  const resources = { cpu: "2", memory: "4Gi", pods: "110", "ephemeral-storage": "20Gi" }
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      ...metadata(cluster, { kind: "Node", name }, createdAt),
      labels: {
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        ...(isControlPlane ? { [controlPlaneRole]: "" } : {}),
      },
    },
    spec: {
      providerID: providerId,
      ...(isControlPlane ? { taints: [{ key: controlPlaneRole, effect: "NoSchedule" }] } : {}),
    },
    status: {
      capacity: resources,
      allocatable: resources,
      addresses: [
        { type: "InternalIP", address },
        { type: "Hostname", address: name },
      ],
      conditions: [
        ready("MemoryPressure", "False", "KubeletHasSufficientMemory"),
        ready("DiskPressure", "False", "KubeletHasNoDiskPressure"),
        ready("PIDPressure", "False", "KubeletHasSufficientPID"),
        ready("Ready", "True", "KubeletReady"),
      ],
      nodeInfo: {
        machineID,
        systemUUID: machineID,
        bootID: derivedUid(cluster.seed, "boot", name, createdAt),
        kernelVersion: "simulated",
        osImage: "Simulated Linux",
        containerRuntimeVersion: "containerd://2.0.0",
        kubeletVersion: version,
        kubeProxyVersion: version,
        operatingSystem: "linux",
        architecture: "amd64",
      },
    },
  } as ApiObject
}

function staticPod(cluster: ClusterFacts, machine: SimulatedMachine, component: string): ApiObject {
  const name = `${component}-${machine.name}`
  const { createdAt } = machine
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      ...metadata(cluster, { kind: "Pod", name, namespace: "kube-system" }, createdAt),
      labels: { component, tier: "control-plane" },
      annotations: { "kubernetes.io/config.source": "file", "kubernetes.io/config.mirror": "x" },
    },
    spec: {
      nodeName: machine.name,
      containers: [{ name: component, image: `registry.k8s.io/${component}:${machine.version}` }],
      hostNetwork: true,
    },
    status: {
      phase: "Running",
      podIP: machine.address,
      startTime: createdAt,
      conditions: ["Initialized", "Ready", "ContainersReady", "PodScheduled"].map((type) => ({
        type,
        status: "True",
        lastTransitionTime: createdAt,
      })),
      containerStatuses: [
        {
          name: component,
          ready: true,
          restartCount: 0,
          image: `registry.k8s.io/${component}:${machine.version}`,
          imageID: "",
          started: true,
          state: { running: { startedAt: createdAt } },
        },
      ],
    },
  } as ApiObject
}

const namespaces = ["default", "kube-node-lease", "kube-public", "kube-system"]

/** What `kubeadm init` leaves behind in every cluster, as far as controllers read it. */
export function clusterObjects(cluster: ClusterFacts, version: string): readonly Derived[] {
  const { createdAt } = cluster
  const place = (kind: string, name: string): ApiObject["metadata"] =>
    metadata(cluster, { kind, name, namespace: "kube-system" }, createdAt)
  const homes = namespaces.map((name) => ({
    group: "",
    plural: "namespaces",
    object: {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: {
        ...metadata(cluster, { kind: "Namespace", name }, createdAt),
        labels: { "kubernetes.io/metadata.name": name },
      },
      spec: { finalizers: ["kubernetes"] },
      status: { phase: "Active" },
    } as ApiObject,
  }))
  const configuration = JSON.stringify({
    apiVersion: "kubeadm.k8s.io/v1beta4",
    kind: "ClusterConfiguration",
    clusterName: cluster.name,
    kubernetesVersion: version,
    networking: { podSubnet: cluster.podCidr, serviceSubnet: cluster.serviceCidr },
  })
  return [
    ...homes,
    {
      group: "",
      plural: "configmaps",
      object: {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: place("ConfigMap", "kubeadm-config"),
        data: { ClusterConfiguration: configuration },
      } as ApiObject,
    },
  ]
}
