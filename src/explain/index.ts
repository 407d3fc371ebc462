export { type Health, type HealthState, healthOf } from "./health.ts"
export { type ExplainedObject, explainedKinds, ObjectView } from "./object-view.ts"
export { buildTree, isTreeReady, titleOf, type TreeNode } from "./tree.ts"
export { explain, type Explanation, type WhyStep } from "./why.ts"
