export { clusterControllers } from "./controllers.ts"
export { clusterRules } from "./rules/cluster-rules.ts"
