import type { Step } from "./comparison.ts"
import { generator, type Next } from "./generator.ts"
import { apply, create, forced, merge, type Part, type Sequence } from "./steps.ts"

/**
 * Some of the names, at least one, in some order. Lists are never empty: the real server drops one
 * that takes the place of a full one, and adds it when the same is applied again.
 */
function some(next: Next, names: readonly string[]): string[] {
  const first = next(names.length)
  const taken = names.filter((_, index) => index === first || next(2) === 0)
  return next(3) === 0 ? taken.toReversed() : taken
}

function item(next: Next, name: string): Part {
  return {
    name,
    ...(next(2) ? { v: next(2) } : {}),
    ...(next(2) ? { w: next(2) } : {}),
    ...(next(3) ? {} : { tags: some(next, ["x", "y"]) }),
  }
}

function randomSpec(next: Next): Part {
  const names = ["a", "b", "c"]
  const values = (): Part =>
    Object.fromEntries(some(next, names).map((name) => [name, `${next(2)}`]))
  const parts: Readonly<Record<string, () => unknown>> = {
    text: () => `t${next(3)}`,
    number: () => next(3),
    labels: values,
    set: () => some(next, names),
    plain: () => some(next, names),
    items: () => some(next, names).map((name) => item(next, name)),
    ports: () =>
      some(next, ["1", "2"]).map((port) => ({
        port: Number(port),
        protocol: "TCP",
        name: `n${next(2)}`,
      })),
    whole: () => (next(2) ? { a: "1" } : { b: `${next(2)}` }),
    group: () => ({
      ...(next(2) ? { a: "1" } : { b: "1" }),
      ...(next(2) ? { inner: { c: `${next(2)}` } } : {}),
    }),
    table: () =>
      Object.fromEntries(
        some(next, names).map((name) => [name, next(2) ? { a: "1" } : { b: "1" }]),
      ),
    open: () => ({
      ...(next(2) ? { x: { y: next(2) } } : { x: [next(2)] }),
      ...(next(2) ? { z: next(2) } : {}),
    }),
    half: () => (next(2) ? { known: "1" } : { other: { deep: next(2) } }),
    either: () => (next(2) ? next(2) : "text"),
  }
  const chosen = Object.entries(parts).filter(() => next(3) === 0)
  return Object.fromEntries(chosen.map(([name, make]) => [name, make()]))
}

/** Writes by three managers, applying and patching at random; the same for the same seed. */
export function randomSequence(seed: number): Sequence {
  const next = generator(seed)
  const steps: Step[] = [
    next(2) ? create("m0", { spec: randomSpec(next) }) : apply("m0", randomSpec(next)),
  ]
  while (steps.length < 12) {
    const manager = `m${next(3)}`
    const spec = randomSpec(next)
    const kind = next(5)
    if (kind === 0) steps.push(merge(manager, { spec }))
    else steps.push(apply(manager, spec, kind < 3 ? forced : {}))
  }
  return { name: `seed ${seed}`, steps: steps.map((step) => ({ ...step, empties: "perhaps" })) }
}
