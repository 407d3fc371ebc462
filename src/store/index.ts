export { CompactedError, RevisionConflictError, StoreError, StoreFullError } from "./errors.ts"
export type { EtcdTls } from "./etcd-gateway.ts"
export { openEtcdStore, type EtcdStoreOptions } from "./etcd.ts"
export { type MemoryStoreOptions, openMemoryStore } from "./memory.ts"
export { copySqliteStore } from "./sqlite-copy.ts"
export { openSqliteStore, type SqliteStoreOptions } from "./sqlite.ts"
export { restoreSqliteStore, type SqliteRestoreOptions } from "./sqlite-restore.ts"
export type {
  Change,
  Entry,
  ListOptions,
  ListResult,
  Revision,
  Snapshot,
  Store,
  WatchBatch,
} from "./store.ts"
