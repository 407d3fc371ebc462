import { expect, test } from "vitest"

import { Slots } from "./slots.ts"

test("no more than so many hold a slot, and the others get theirs in order", async () => {
  const slots = new Slots(2)
  const { signal } = new AbortController()
  const got: string[] = []
  const leave = await slots.acquire(signal)
  await slots.acquire(signal)
  const waiting = ["a", "b"].map(async (name) => {
    const release = await slots.acquire(signal)
    got.push(name)
    return release
  })
  await Promise.resolve()
  expect(got).toEqual([])
  leave()
  leave()
  const first = await waiting[0]
  expect(got).toEqual(["a"])
  first?.()
  await waiting[1]
  expect(got).toEqual(["a", "b"])
})

test("who gives up waiting holds nobody up", async () => {
  const slots = new Slots(1)
  const leave = await slots.acquire(new AbortController().signal)
  const impatient = new AbortController()
  const given = slots.acquire(impatient.signal)
  const next = slots.acquire(new AbortController().signal)
  impatient.abort(new Error("enough"))
  await expect(given).rejects.toThrow("enough")
  leave()
  expect(await next).toBeTypeOf("function")
})
