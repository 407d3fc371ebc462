export {
  alreadyExists,
  ApiError,
  badRequest,
  conflict,
  forbidden,
  hasReason,
  isAlreadyExists,
  isConflict,
  isNotFound,
  notFound,
  type Status,
  type StatusReason,
} from "./api-error.ts"
export type { CacheEvent, CacheSource, ObjectCache } from "./cache.ts"
export { type Condition, findCondition, isConditionTrue, setCondition } from "./condition.ts"
export { type FieldRequirement, parseFieldSelector } from "./field-selector.ts"
export {
  type ConvertibleObject,
  defineKind,
  type Kind,
  kindApiVersion,
  type KindRef,
  type ObjectOf,
  type OlderVersion,
  type PrinterColumn,
  type ScaleSubresource,
  type Subresources,
  type VersionConversion,
  type VersionResolver,
} from "./kind.ts"
export {
  formatSelector,
  type LabelSelector,
  matchesSelector,
  parseSelector,
  type Selector,
  selectorOf,
} from "./label-selector.ts"
export {
  type ApiObject,
  apiVersionOf,
  controllerOf,
  keyOf,
  keyText,
  type ManagedFieldsEntry,
  type ObjectKey,
  type ObjectMeta,
  type OwnerReference,
  splitApiVersion,
  type UntypedObject,
} from "./object-meta.ts"
export {
  foregroundFinalizer,
  isDeletingDependents,
  isOrphaningDependents,
  orphanFinalizer,
} from "./dependents.ts"
export type { AdmissionInput, AdmissionReader, Findings, KindRules } from "./rules.ts"
export type {
  ApiTarget,
  ApiTransport,
  DeleteOptions,
  ListOptions,
  ObjectList,
  PatchOptions,
  PatchType,
  UserInfo,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from "./transport.ts"
export { ApplyError, applyPatchOrThrow } from "./ownership/apply-patch.ts"
export { resetFieldsOf } from "./ownership/metadata-fields.ts"
export { trackUpdate } from "./ownership/track-update.ts"
export type { KindView } from "./ownership/versions.ts"
export { applyJsonPatch } from "./patch/json-patch.ts"
export { applyMergePatch } from "./patch/merge-patch.ts"
export { PatchError } from "./patch/patch-error.ts"
export { applyStrategicMergePatch } from "./patch/strategic-merge-patch.ts"
