export { CompactedError, RevisionConflictError, StoreError, StoreFullError } from "./errors.ts"
export type {
  Change,
  Entry,
  ListOptions,
  ListResult,
  Revision,
  Store,
  WatchBatch,
} from "./store.ts"
