export type {
  BuiltinColumn,
  BuiltinKind,
  BuiltinSubresource,
  Cell,
  FieldSelectors,
} from "./builtin-kind.ts"
export { definitions } from "./definitions.ts"
export { kubernetesKinds } from "./kinds.ts"
export {
  findMessage,
  findMessageOfKind,
  type Message,
  type MessageField,
  type Presence,
  type ScalarType,
} from "./messages.ts"
