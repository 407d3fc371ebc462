import type { SimulatedFleet } from "./fleet.ts"

export interface SimulatedOptions {
  readonly fleet: SimulatedFleet
  /** Where objects that users put into simulated clusters are kept. */
  readonly directory: string
}
