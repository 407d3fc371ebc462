export { type Access, AccessError, defineAccess, type ScopeOf } from "./access.ts"
export { CrdKindResolver } from "./crd-kind-resolver.ts"
export {
  type Controller,
  type ControllerDefinition,
  defineController,
  type Observed,
  type Phase,
} from "./define-controller.ts"
export { KindNotServedError } from "./kind-resolver.ts"
export { type HeldLease, LeaseElection } from "./lease.ts"
export { Manager } from "./manager.ts"
export { done, type Outcome, type ReconcileResult, TerminalError, waitFor } from "./outcome.ts"
export type { ContractReference, Draft, ExternalScope, Observation } from "./scope.ts"
export {
  type Enqueue,
  external,
  mapped,
  owned,
  referenced,
  type Trigger,
  type TriggerReader,
} from "./trigger.ts"
