import { generator, type Next } from "./generator.ts"
import { create, type Part, type Sequence, strategic } from "./steps.ts"

const names = ["a", "b", "c", "d", "e"]

function some(next: Next, of: readonly string[]): string[] {
  const taken = of.filter(() => next(2) === 0)
  return next(2) === 0 ? taken.toReversed() : taken
}

function shuffled(next: Next, of: readonly string[]): string[] {
  return [...of].sort(() => next(3) - 1)
}

function variables(next: Next): Part[] {
  return some(next, names).map((name) => ({ name, value: `${next(3)}` }))
}

/**
 * A change of a list that merges by name: items set and deleted, perhaps in an order, or all
 * replaced.
 */
function variablesPatch(next: Next): Part {
  const items = some(next, names).map((name) => {
    const kind = next(4)
    if (kind === 0) return { name, $patch: "delete" }
    return kind === 1 ? { name, value: null } : { name, value: `${next(3)}` }
  })
  if (next(8) === 0) return { env: [{ $patch: "replace" }, ...variables(next)] }
  // An empty list in the patch for an empty list has no order, says the real server.
  if (items.length === 0 || next(2) === 0) return { env: items }
  // An order must hold what is changed; now and then one does not, and is refused.
  const order = shuffled(next, next(6) === 0 ? names.slice(2) : names)
  const rank = new Map(order.map((name, index) => [name, index]))
  if (next(6) !== 0) {
    items.sort((left, right) => (rank.get(left.name) ?? 9) - (rank.get(right.name) ?? 9))
  }
  const kept =
    next(5) === 0 ? items.filter((item) => !("$patch" in item)).map(({ name }) => name) : order
  return { env: items, "$setElementOrder/env": kept.map((name) => ({ name })) }
}

function metadataPatch(next: Next): Part {
  const replace = next(5) === 0 ? { $patch: next(2) ? "replace" : "delete" } : {}
  const value = (): string | null => ("$patch" in replace || next(3) ? "1" : null)
  const labels = Object.fromEntries(some(next, names).map((name) => [name, value()]))
  // What is added and taken at once is added or taken by chance on the real server.
  const [add, take] = next(2)
    ? [names.slice(0, 3), names.slice(3)]
    : [names.slice(2), names.slice(0, 2)]
  const finalizers = (of: readonly string[]): string[] =>
    some(next, of).map((name) => `x.test/${name}`)
  const added = next(2) ? finalizers(add) : undefined
  // An order that names nothing leaves the rest in no order at all.
  const order = finalizers(names)
  const ordered = added?.length !== 0 && order.length > 0 && next(4) === 0
  return {
    labels: { ...labels, ...replace },
    ...(added ? { finalizers: added } : {}),
    ...(next(3) ? {} : { "$deleteFromPrimitiveList/finalizers": finalizers(take) }),
    ...(ordered ? { "$setElementOrder/finalizers": order } : {}),
  }
}

function podPatch(next: Next): Part {
  const selector = Object.fromEntries(some(next, names).map((name) => [name, next(3) ? "1" : null]))
  const container = { name: "main", ...variablesPatch(next) }
  const volumes = some(next, ["v", "w"]).map((name) =>
    next(3) === 0
      ? { name, $patch: "delete" }
      : { name, $retainKeys: ["name", "emptyDir"], emptyDir: next(2) ? {} : { medium: "Memory" } },
  )
  return {
    ...(next(4) ? { containers: [container] } : {}),
    ...(next(3) ? {} : { nodeSelector: selector }),
    ...(next(3) ? {} : { volumes }),
    ...(next(4)
      ? {}
      : { tolerations: some(next, names).map((key) => ({ key, operator: "Exists" })) }),
  }
}

/** Strategic merge patches of one Deployment; the same for the same seed. */
export function randomPatches(seed: number): Sequence {
  const next = generator(seed)
  const template = {
    metadata: { labels: { app: "x" } },
    spec: { containers: [{ name: "main", image: "main:1", env: variables(next) }] },
  }
  const spec = { selector: { matchLabels: { app: "x" } }, template }
  const finalizers = ["x.test/a", "x.test/b"]
  const first = create("m0", { metadata: { finalizers }, spec })
  const patches = Array.from({ length: 10 }, () =>
    strategic(`m${next(3)}`, {
      metadata: metadataPatch(next),
      spec: { template: { spec: podPatch(next) } },
    }),
  )
  return { name: `seed ${seed}`, steps: [{ ...first, ownersOnly: true }, ...patches] }
}
