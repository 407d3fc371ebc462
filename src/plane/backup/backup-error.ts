/** A backup cannot be made or restored; the message is for the user. */
export class BackupError extends Error {
  override readonly name = "BackupError"
}
