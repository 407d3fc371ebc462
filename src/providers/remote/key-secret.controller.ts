import { type RemoteMachine, RemoteMachineKind, SecretKind } from "#apis"
import {
  type Controller,
  defineAccess,
  defineController,
  done,
  mapped,
  type Outcome,
  type ScopeOf,
  waitFor,
} from "#controller"

import { keySecretFinalizer, remoteMachineFinalizer } from "./annotations.ts"

const access = defineAccess({
  name: "keysecret",
  primary: SecretKind,
  reads: [RemoteMachineKind],
  writes: [SecretKind],
})
type KeyScope = ScopeOf<typeof access>

/**
 * Keeps the SSH key of a host until no machine needs it for cleaning the host: `kubectl delete -f`
 * of a file with everything in it deletes the key first.
 */
export function keySecretController(): Controller {
  return defineController(access, {
    triggers: [
      mapped(RemoteMachineKind, ({ metadata: { namespace }, spec }) =>
        spec?.sshKeyRef ? [{ namespace, name: spec.sshKeyRef.name }] : [],
      ),
    ],
    finalizer: keySecretFinalizer,
    needsFinalizer: (scope) => userOf(scope) !== undefined,
    reconcile: [],
    teardown: [waitForMachines],
  })
}

function waitForMachines(scope: KeyScope): Outcome {
  const user = userOf(scope)
  if (!user) return done
  const message = `RemoteMachine ${user.metadata.name} needs the key to clean its host`
  scope.event("Normal", "KeyInUse", message)
  return waitFor("KeyInUse", { message })
}

function userOf(scope: KeyScope): RemoteMachine | undefined {
  const { name, namespace } = scope.key
  const machines = scope.read(RemoteMachineKind).list(namespace)
  return machines.find((machine) => needsKey(machine, name))
}

/** A machine with our finalizer has a host, or is about to have one, that it will clean. */
function needsKey({ metadata, spec }: RemoteMachine, key: string): boolean {
  return (
    spec?.sshKeyRef?.name === key && metadata.finalizers?.includes(remoteMachineFinalizer) === true
  )
}
