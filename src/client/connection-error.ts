/** No answer from the server: not reached, not trusted, cut off, or too late. */
export class ConnectionError extends Error {
  override readonly name = "ConnectionError"
}
