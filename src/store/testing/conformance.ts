import { describe, test } from "vitest"

import { assert } from "#base"

import { crashCases } from "./crash-cases.ts"
import { listCases } from "./list-cases.ts"
import type { OpenStore, StoreContext } from "./store-context.ts"
import { watchCases } from "./watch-cases.ts"
import { writeCases } from "./write-cases.ts"

export interface ConformanceOptions {
  /** The data outlives the process, so every store of the driver comes with a `crash`. */
  readonly survives: boolean
}

/**
 * Registers the contract of a store as tests of one driver. `open` gives an empty store each time.
 */
export function storeConformance(
  name: string,
  open: OpenStore,
  { survives }: ConformanceOptions,
): void {
  const within = async (run: (context: StoreContext) => Promise<void>): Promise<void> => {
    const context = await open()
    try {
      await run(context)
    } finally {
      await context.dispose()
    }
  }
  describe(`${name} store`, () => {
    const cases = { ...writeCases, ...listCases, ...watchCases }
    for (const [title, run] of Object.entries(cases)) test(title, async () => within(run))
    if (!survives) return
    for (const [title, run] of Object.entries(crashCases)) {
      test(title, async () =>
        within(async (context) => {
          assert(context.crash !== undefined, "a store that survives can be crashed")
          await run(context, context.crash)
        }),
      )
    }
  })
}
