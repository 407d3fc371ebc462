export { machineController } from "./machine/machine.controller.ts"
