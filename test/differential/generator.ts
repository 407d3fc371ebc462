/** A whole number from 0 and below the bound. */
export type Next = (below: number) => number

/** The same numbers for the same seed, so that what fails can be run again. */
export function generator(seed: number): Next {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return (state >>> 8) % below
  }
}
