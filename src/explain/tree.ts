import { type Health, healthOf } from "./health.ts"
import type { ExplainedObject, ObjectView } from "./object-view.ts"
import { progressOf } from "./progress.ts"
import { childrenOf, isHomeless } from "./relations.ts"
import type { Turn } from "./turn.ts"

/** An object with all that it is made of. */
export interface TreeNode {
  /** `Kind/name`. */
  readonly title: string
  /** Undefined for an object that is referred to but not there. */
  readonly object: ExplainedObject | undefined
  readonly health: Health
  /** How far a bootstrap is, such as `4/9 kubeadm-init`. */
  readonly progress?: string | undefined
  readonly children: readonly TreeNode[]
}

/** The tree below an object. */
export function buildTree(view: ObjectView, object: ExplainedObject): TreeNode {
  const children = childrenOf(view, object).map(({ object: child, missing }) =>
    child ? buildTree(view, child) : missingNode(missing),
  )
  return {
    title: titleOf(object),
    object,
    health: isHomeless(view, object)
      ? missingHealth("its Cluster does not exist")
      : healthOf(object),
    progress: progressOf(object),
    children,
  }
}

/** `Kind/name`. */
export function titleOf(object: { readonly kind: string; readonly metadata: { name: string } }) {
  return `${object.kind}/${object.metadata.name}`
}

/** True when the object and everything below it are ready. */
export function isTreeReady(node: TreeNode): boolean {
  return node.health.state === "ready" && node.children.every(isTreeReady)
}

function missingNode(reference: { readonly kind: string; readonly name: string }): TreeNode {
  return {
    title: `${reference.kind}/${reference.name}`,
    object: undefined,
    health: missingHealth("does not exist"),
    children: [],
  }
}

function missingHealth(message: string): Health {
  const turn: Turn = {
    who: "you",
    isStuck: true,
    advice: "create the object that is referred to",
  }
  return { state: "stuck", reason: "ObjectDoesNotExist", message, turn }
}
