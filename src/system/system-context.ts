import type { Clock, Logger } from "#base"
import type { ApiServer } from "#apiserver"
import type { Activity } from "./activity.ts"
import type { ServedResources } from "./served-resources.ts"

/** What every system controller works with. */
export interface SystemContext {
  readonly server: ApiServer
  readonly resources: ServedResources
  readonly clock: Clock
  readonly log: Logger
  readonly activity: Activity
}

/** One controller: it subscribes at `start`, and lets go of everything at `stop`. */
export interface SystemController {
  start(): void
  stop(): void
}
