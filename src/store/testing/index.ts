export { type ConformanceOptions, storeConformance } from "./conformance.ts"
export { modelCheck, type ModelCheckOptions } from "./model-check.ts"
export type { OpenStore, StoreContext } from "./store-context.ts"
