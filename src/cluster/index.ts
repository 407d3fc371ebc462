export { clusterControllers, type ClusterControllersOptions } from "./controllers.ts"
export { clusterRules } from "./rules/cluster-rules.ts"
