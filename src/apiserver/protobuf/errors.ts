/** Bytes that are not the object they claim to be, or an object that has no protobuf form. */
export class ProtobufError extends Error {
  override readonly name = "ProtobufError"
  /** The field where it went wrong, as in `spec.containers[0].image`; empty for the envelope. */
  readonly path: string

  constructor(verb: "decode" | "encode", path: string, reason: string, options?: ErrorOptions) {
    super(`${verb} protobuf: ${path === "" ? "" : `${path}: `}${reason}`, options)
    this.path = path
  }
}
