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
  type ResourceName,
  type Status,
  type StatusCause,
  type StatusDetails,
  type StatusReason,
} from "./api-error.ts"
export type { CacheEvent, CacheSource, ObjectCache } from "./cache.ts"
export { type Condition, findCondition, isConditionTrue, setCondition } from "./condition.ts"
export { type FieldRequirement, parseFieldSelector } from "./field-selector.ts"
export {
  type ConvertibleObject,
  type CustomObject,
  defineKind,
  type Kind,
  kindApiVersion,
  type KindDefinition,
  type KindRef,
  type KindVersion,
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
  type Requirement,
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
export {
  type AppliedObject,
  ApplyError,
  type ApplyOutcome,
  applyPatch,
  applyPatchOrThrow,
  type ApplyRequest,
} from "./ownership/apply-patch.ts"
export { conflictError, type FieldConflict } from "./ownership/conflict.ts"
export type { FieldSet } from "./ownership/field-set.ts"
export { decodeManagers, ManagedFieldsError } from "./ownership/managers.ts"
export { resetFieldsOf } from "./ownership/metadata-fields.ts"
export type { OwnedObject } from "./ownership/record-update.ts"
export {
  parentManagedFields,
  scaleManagedFields,
  type ScaleMapping,
} from "./ownership/scale-fields.ts"
export { withoutTimeChurn } from "./ownership/steady-times.ts"
export { trackUpdate, type UpdateToTrack } from "./ownership/track-update.ts"
export type { ConvertedObject, ConvertObject, KindView } from "./ownership/versions.ts"
export { assertShallow, isShallow, maxJsonDepth } from "./patch/json-depth.ts"
export { applyJsonPatch } from "./patch/json-patch.ts"
export { applyMergePatch } from "./patch/merge-patch.ts"
export { JsonPatchError, JsonPatchTestError, PatchError } from "./patch/patch-error.ts"
export { applyStrategicMergePatch } from "./patch/strategic-merge-patch.ts"
