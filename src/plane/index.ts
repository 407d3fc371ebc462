export { DataDirectoryError } from "./data-directory.ts"
export { createLogger, type LogOptions } from "./log.ts"
export { Plane, type PlaneOptions } from "./plane.ts"
