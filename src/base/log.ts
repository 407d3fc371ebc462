/** Fields beside a constant message; objects are named as `{ kind, namespace, name }`. */
export type LogFields = Readonly<Record<string, unknown>>

/** What every long-lived thing takes for its log. */
export interface Logger {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
  child(fields: LogFields): Logger
}

export const silentLogger: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silentLogger,
}
