/** An object that cannot be converted, because a value is not what its version says it is. */
export class ConversionError extends Error {
  override readonly name = "ConversionError"
}
