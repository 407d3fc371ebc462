export { decodeProtobuf, encodeProtobuf } from "./envelope.ts"
export { ProtobufError } from "./errors.ts"
