import { ApiError, type UserInfo } from "#meta"

/** How many requests of a sort may run at the same time; watches and streams are not counted. */
export interface InFlightLimits {
  readonly reading: number
  readonly mutating: number
}

export const defaultLimits: InFlightLimits = { reading: 400, mutating: 200 }

const readingMethods = new Set(["GET", "HEAD"])
const superusers = "system:masters"
const retryAfterSeconds = 1

/** Refuses requests while too many others run, so that those that run can end. */
export class InFlight {
  readonly #limits: InFlightLimits
  #reading = 0
  #mutating = 0

  constructor(limits: InFlightLimits = defaultLimits) {
    this.#limits = limits
  }

  /**
   * Counts a request in; answers the way to count it out. Administrators are always let in: they
   * may have to end what fills the server. Errors: `TooManyRequests`.
   */
  enter(method: string, user: UserInfo): () => void {
    const isReading = readingMethods.has(method)
    const isFull = isReading
      ? this.#reading >= this.#limits.reading
      : this.#mutating >= this.#limits.mutating
    if (isFull && !user.groups.includes(superusers)) {
      throw new ApiError(
        429,
        "TooManyRequests",
        "too many requests at the same time, please try again later",
        { details: { retryAfterSeconds } },
      )
    }
    if (isReading) this.#reading += 1
    else this.#mutating += 1
    return () => {
      if (isReading) this.#reading -= 1
      else this.#mutating -= 1
    }
  }
}
