export { decodeProtobuf, encodeProtobuf, protobufContentType } from "./envelope.ts"
export { ProtobufError } from "./errors.ts"
