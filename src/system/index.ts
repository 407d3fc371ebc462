export { SystemControllers, type SystemOptions } from "./system-controllers.ts"
