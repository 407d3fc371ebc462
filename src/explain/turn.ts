/** Who has to do something before an object can go on. */
export interface Turn {
  readonly who: string
  /** Nothing goes on by itself. */
  readonly isStuck: boolean
  /** What to do, for people; undefined when there is nothing to do but wait. */
  readonly advice?: string | undefined
}

const you = (advice: string): Turn => ({ who: "you", isStuck: true, advice })
const waits = (who: string, advice?: string): Turn => ({ who, isStuck: false, advice })

const retryAdvice =
  "mend the host, then: mothership retry machine/NAME [--from STEP | --mark-done STEP]"

const silentKubelet = waits(
  "the kubelet on the host, which says nothing any more",
  "see that the host is up, that kubelet runs there and reaches the API server",
)

/** Whose turn it is, by the reason of the condition that says so. */
const turns: Readonly<Record<string, Turn>> = {
  Paused: you("unset spec.paused of the Cluster, or the paused annotation of the object"),
  NotSeenYet: waits("the controller of this kind"),
  AuthenticationFailed: you("check user and key: the host does not accept them"),
  MissingKeySecret: you("create the Secret that sshKeyRef names, its private key under `value`"),
  InvalidKey: you("put a private key, and its passphrase if it has one, into the Secret"),
  HostKeyChanged: you(
    "if the host was reinstalled, remove the annotation remote.mothership.dev/host-key",
  ),
  HostKeyRequired: you("give spec.hostKey, or set hostKeyPolicy: PinOnFirstContact"),
  HostInUse: you(
    "the host belongs to somebody else: name another, or have it released there; if nobody has " +
      "it any more, clean it and remove /var/lib/mothership from it",
  ),
  HostUnsupported: you("use a host with the operating system and tools that are asked for"),
  DuplicateAddress: you("give each RemoteMachine a host of its own"),
  MissingFields: you("give what is missing in the spec"),
  SudoRequired: you("allow the user to run sudo without a password, or log in as root"),
  DiskFull: you("make room on the host"),
  StaleEpoch: you("another plane has taken this machine over: work there"),
  InvalidCloudConfig: you("correct the bootstrap data"),
  UnsupportedCloudConfig: you("leave out what is not supported in the bootstrap data"),
  UnsupportedBootstrapFormat: you("use the format cloud-config"),
  ProvisionJobNotSupported: you("leave out spec.provisionJob"),
  ProviderIDMismatch: you("correct spec.providerID of the Node or of the machine"),
  InvalidPlan: you("correct the bootstrap data"),
  FormatNotSupported: you("use the format cloud-config"),
  BackendNotSupported: you("use backend.inMemory"),
  ArtifactsMissing: you("add the artifact set: mothership artifacts add DIR|FILE"),
  MissingPrerequisites: you("install what is missing on the host, or name an artifact set"),
  BootstrapFailed: you(retryAdvice),
  BootstrapInterrupted: you(retryAdvice),
  NoFreeHost: you("add a PooledRemoteMachine to the pool, or free one"),
  CleanupFailed: you("clean the host, then force its release"),
  OwnHost: you(
    "the plane runs on this host: clean it by hand, or set the annotation that allows it",
  ),
  BootstrapConfigDoesNotExist: you("create the object that bootstrap.configRef names"),
  InfrastructureDoesNotExist: you("create the object that infrastructureRef names"),
  ClusterDoesNotExist: you("create the Cluster that spec.clusterName names"),
  ObjectDoesNotExist: you("create the object that is referred to"),
  KindNotServed: you("install the provider that serves the kind"),
  ObjectDeleted: you("create the object again, or delete what refers to it"),
  VmStarting: waits("the simulated machine"),
  NodeStarting: waits("the simulated machine"),
  HostUnreachable: waits("the host", "check that it is up and that its SSH port can be reached"),
  WaitingForRemoteConnection: waits("the cluster's API server"),
  ProbeFailed: waits(
    "the cluster's API server",
    "see that the plane's machine reaches it: endpoint, firewall, load balancer",
  ),
  WaitingForNode: waits("the kubelet on the host, which has to register its Node"),
  NodeReadyUnknown: silentKubelet,
  NodeHealthyUnknown: silentKubelet,
  NodeDeleted: you("delete the Machine, so that another takes its place: its Node is gone"),
  PodNetworkMissing: waits(
    "the pod network",
    "if the cluster has none yet, install one; else look at its pods on this node",
  ),
  NodeNotHealthy: waits("the kubelet on the host", "look at the Node's conditions"),
  WaitingForPreDrainHook: waits("whoever set the pre-drain hook annotation"),
  WaitingForPreTerminateHook: waits("whoever set the pre-terminate hook annotation"),
  DrainingNode: waits("pods that are being evicted"),
  Cleaning: waits("the host, which is being cleaned"),
  HostTimeout: waits("the host", "check its load and its network"),
  HostOperationFailed: waits("the host", "see what its system says: it is tried again"),
  Connecting: waits("the host, which is being connected to"),
  Bootstrapping: waits("the host, which runs a step"),
}

/** True for reasons that say whose turn it is. */
export function hasTurn(reason: string): boolean {
  return reason in turns
}

/** Reasons that no table names are a controller's that is working. */
export function turnOf(reason: string): Turn {
  return turns[reason] ?? waits("the controllers")
}
