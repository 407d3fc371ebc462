export type { Environment, PlaneControl } from "./environment.ts"
export { runCli } from "./program.ts"
