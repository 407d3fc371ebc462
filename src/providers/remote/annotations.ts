/** `true` on a RemoteMachine or PooledRemoteMachine gives its host up without cleaning it. */
export const forceReleaseAnnotation = "remote.mothership.dev/force-release"

/** Name of the PooledRemoteMachine that a RemoteMachine has; outlives the loss of status. */
export const pooledMachineAnnotation = "remote.mothership.dev/pooled-machine"

/** `true` allows to clean the host that the plane itself runs on. */
export const cleanOwnHostAnnotation = "remote.mothership.dev/clean-own-host"

/** Everything of ours below this is about one host, and is never copied to other objects. */
export const annotationPrefix = "remote.mothership.dev/"

/** Finalizer of RemoteMachines, as k0smotron has it. */
export const remoteMachineFinalizer = "remotemachine.k0smotron.io/finalizer"

/** Finalizer of Secrets with the key of a host that is still to be cleaned. */
export const keySecretFinalizer = "remote.mothership.dev/key-in-use"

/** Label that a Node gets: the name of its Machine. */
export const machineNameLabel = "k0smotron.io/machine-name"
