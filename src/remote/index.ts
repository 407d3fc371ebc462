export { claimHost } from "./claim-host.ts"
export { connect, type ConnectOptions } from "./connect.ts"
export { missingCommands } from "./facts.ts"
export { follow, type FollowCursor, type FollowEvent, type FollowOptions } from "./follow-plan.ts"
export {
  defaultHostLayout,
  type Host,
  type HostAddress,
  type HostCredentials,
  type HostFacts,
  type HostKeyPolicy,
  type HostLayout,
  type RunOptions,
  type RunResult,
  type StreamContent,
  type StreamOptions,
  type UploadContent,
  type UploadOptions,
} from "./host.ts"
export {
  AuthenticationFailedError,
  CleanupFailedError,
  DiskFullError,
  HostError,
  HostInUseError,
  HostKeyChangedError,
  HostOperationError,
  HostTimeoutError,
  HostUnreachableError,
  HostUnsupportedError,
  InvalidKeyError,
  InvalidPlanError,
  PlanStateError,
  StaleEpochError,
  SudoRequiredError,
} from "./host-error.ts"
export type { FinishedBy, JournalEvent, StepState, StepStatus } from "./journal.ts"
export { listPlans } from "./list-plans.ts"
export {
  type CommandAction,
  type FilesAction,
  type InstallAction,
  parsePlan,
  type Plan,
  type PlanAction,
  type PlanArtifact,
  type PlanFile,
  type PlanStep,
} from "./plan.ts"
export type { ClaimHolder, PlanAddress } from "./plan-address.ts"
export { planIdOf } from "./plan-files.ts"
export { type PlanFailure, type PlanState, type PlanStatus, status } from "./plan-status.ts"
export { printable, redact } from "./redact.ts"
export { release, type ReleaseOptions } from "./release-host.ts"
export { quote } from "./shell-quote.ts"
export { retry, type RetryOptions } from "./retry-plan.ts"
export { describesSameMachine, isSameMachine, type MachineIdentity } from "./same-machine.ts"
export { start, type StartOptions, type StartResult, type UploadProgress } from "./start-plan.ts"
export { stop } from "./stop-plans.ts"
