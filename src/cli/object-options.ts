import type { ConnectionOptions } from "./connection.ts"

/** Which plane, and where in it. */
export interface ObjectOptions extends ConnectionOptions {
  readonly namespace?: string | undefined
}
