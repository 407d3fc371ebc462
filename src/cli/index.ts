export type { Environment, PlaneControl } from "./environment.ts"
export { parseManifests } from "./manifests.ts"
export { runCli } from "./program.ts"
export { kindOfManifest } from "./resource-kind.ts"
