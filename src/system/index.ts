export { SystemControllers } from "./system-controllers.ts"
