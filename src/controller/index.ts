export {
  type Access,
  AccessError,
  type AccessOptions,
  type ConditionAccess,
  defineAccess,
  type ScopeOf,
} from "./access.ts"
export { CrdKindResolver } from "./crd-kind-resolver.ts"
export {
  type Controller,
  type ControllerDefinition,
  defineController,
  type Observed,
  type Phase,
} from "./define-controller.ts"
export { KindNotServedError, type KindResolver } from "./kind-resolver.ts"
export { type HeldLease, LeaseElection, type LeaseElectionOptions } from "./lease.ts"
export { Manager, type ManagerOptions } from "./manager.ts"
export {
  done,
  type Done,
  type Outcome,
  type ReconcileResult,
  TerminalError,
  type Wait,
  waitFor,
  type WaitOptions,
} from "./outcome.ts"
export type {
  ContractReference,
  Draft,
  ExternalKey,
  ExternalScope,
  Observation,
  Scope,
  ScopeDeleteOptions,
  ScopeUpdateOptions,
  StatusOf,
} from "./scope.ts"
export {
  type Enqueue,
  external,
  mapped,
  owned,
  referenced,
  type Trigger,
  type TriggerReader,
} from "./trigger.ts"
