import {
  type DestinationStream,
  destination,
  type Logger as PinoLogger,
  pino,
  stdTimeFunctions,
} from "pino"
import type { LogFields, Logger } from "#base"

export interface LogOptions {
  readonly level: "debug" | "info" | "warn" | "error"
  /** Appended to, created with mode 0600; standard error when absent. */
  readonly file?: string | undefined
}

/** A log of JSON lines, one per event. */
export function createLogger({ level, file }: LogOptions): Logger {
  const stream: DestinationStream = file
    ? destination({ dest: file, mkdir: false, sync: false, mode: 0o600 })
    : destination({ dest: 2, sync: true })
  // A line tells when it was written, whatever the plane's clock says.
  return adapt(pino({ level, base: null, timestamp: stdTimeFunctions.isoTime }, stream))
}

/** Ours puts the message first, pino its fields. */
function adapt(logger: PinoLogger): Logger {
  return {
    debug: (message, fields = {}) => logger.debug(fields, message),
    info: (message, fields = {}) => logger.info(fields, message),
    warn: (message, fields = {}) => logger.warn(fields, message),
    error: (message, fields = {}) => logger.error(fields, message),
    child: (fields: LogFields) => adapt(logger.child(fields)),
  }
}
