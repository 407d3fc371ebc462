import { expect, test } from "vitest"

import { Uplink } from "./uplink.ts"

test("the line is taken until the last urgent work is over, also when it fails", async () => {
  const uplink = new Uplink()
  const first = Promise.withResolvers<string>()
  const second = Promise.withResolvers<string>()
  const { signal } = new AbortController()
  const firstDone = uplink.urgently(() => first.promise)
  const secondDone = uplink.urgently(() => second.promise)
  const told: string[] = []
  const watching = (async () => {
    while (uplink.isTaken) {
      await uplink.ended(signal)
      told.push(uplink.isTaken ? "taken" : "free")
    }
  })()

  first.reject(new Error("lost"))
  await expect(firstDone).rejects.toThrow("lost")
  expect(uplink.isTaken).toBe(true)
  second.resolve("sent")
  expect(await secondDone).toBe("sent")
  await watching

  expect(told).toEqual(["taken", "free"])
})

test("a wait for the line ends with the reason of the abort", async () => {
  const uplink = new Uplink()
  const sending = Promise.withResolvers<void>()
  const done = uplink.urgently(() => sending.promise)
  const aborter = new AbortController()
  const waiting = uplink.ended(aborter.signal)
  aborter.abort(new Error("not wanted any more"))
  await expect(waiting).rejects.toThrow("not wanted any more")
  sending.resolve()
  await done
  await expect(uplink.ended(aborter.signal)).rejects.toThrow("not wanted any more")
})
