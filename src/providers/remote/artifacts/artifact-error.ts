/** An artifact set that is not there, not whole or not understood. */
export class ArtifactError extends Error {
  override readonly name = "ArtifactError"
}
