/** Why a machine cannot be provisioned as it is; `reason` fits a condition. */
export class ProvisionError extends Error {
  override readonly name = "ProvisionError"
  readonly reason: string

  constructor(reason: string, message: string) {
    super(message)
    this.reason = reason
  }
}
