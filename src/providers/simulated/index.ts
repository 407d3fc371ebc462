import type { Controller } from "#controller"
import { devClusterController } from "./dev-cluster.controller.ts"
import { devMachineController } from "./dev-machine/dev-machine.controller.ts"
import type { SimulatedOptions } from "./simulated-options.ts"

export { SimulatedFleet } from "./fleet.ts"

/** The controllers of the simulated provider. */
export function simulatedControllers(options: SimulatedOptions): readonly Controller[] {
  return [devClusterController(options), devMachineController(options)]
}
