export { definitions } from "./definitions.ts"
export {
  findMessage,
  findMessageOfKind,
  type Message,
  type MessageField,
  type Presence,
  type ScalarType,
} from "./messages.ts"
