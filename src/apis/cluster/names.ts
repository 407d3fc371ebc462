/** Labels of Cluster API. */
export const label = {
  clusterName: "cluster.x-k8s.io/cluster-name",
  controlPlane: "cluster.x-k8s.io/control-plane",
  controlPlaneName: "cluster.x-k8s.io/control-plane-name",
  setName: "cluster.x-k8s.io/set-name",
  deploymentName: "cluster.x-k8s.io/deployment-name",
  poolName: "cluster.x-k8s.io/pool-name",
  drain: "cluster.x-k8s.io/drain",
  interruptible: "cluster.x-k8s.io/interruptible",
  provider: "cluster.x-k8s.io/provider",
  machineTemplateHash: "machine-template-hash",
} as const

/** Annotations of Cluster API. */
export const annotation = {
  paused: "cluster.x-k8s.io/paused",
  deleteMachine: "cluster.x-k8s.io/delete-machine",
  disableMachineCreate: "cluster.x-k8s.io/disable-machine-create",
  excludeNodeDraining: "machine.cluster.x-k8s.io/exclude-node-draining",
  excludeVolumeDetach: "machine.cluster.x-k8s.io/exclude-wait-for-node-volume-detach",
  preDrainHookPrefix: "pre-drain.delete.hook.machine.cluster.x-k8s.io",
  preTerminateHookPrefix: "pre-terminate.delete.hook.machine.cluster.x-k8s.io",
  skipPreflightChecks: "machineset.cluster.x-k8s.io/skip-preflight-checks",
  revision: "machinedeployment.clusters.x-k8s.io/revision",
  autoscalerMin: "cluster.x-k8s.io/cluster-api-autoscaler-node-group-min-size",
  autoscalerMax: "cluster.x-k8s.io/cluster-api-autoscaler-node-group-max-size",
  clonedFromName: "cluster.x-k8s.io/cloned-from-name",
  clonedFromGroupKind: "cluster.x-k8s.io/cloned-from-groupkind",
  /** Node annotations that lead back to the Machine. */
  nodeClusterName: "cluster.x-k8s.io/cluster-name",
  nodeClusterNamespace: "cluster.x-k8s.io/cluster-namespace",
  nodeMachine: "cluster.x-k8s.io/machine",
  nodeOwnerKind: "cluster.x-k8s.io/owner-kind",
  nodeOwnerName: "cluster.x-k8s.io/owner-name",
  nodeLabelsFromMachine: "cluster.x-k8s.io/labels-from-machine",
  nodeAnnotationsFromMachine: "cluster.x-k8s.io/annotations-from-machine",
} as const

/** Finalizers of Cluster API's core kinds. */
export const finalizer = {
  cluster: "cluster.cluster.x-k8s.io",
  machine: "machine.cluster.x-k8s.io",
  machineSet: "cluster.x-k8s.io/machineset",
  machineDeployment: "cluster.x-k8s.io/machinedeployment",
} as const

/** The taint that keeps pods off a worker until its labels have been synced. */
export const uninitializedTaint = "node.cluster.x-k8s.io/uninitialized"
