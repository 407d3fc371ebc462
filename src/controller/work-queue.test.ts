import { expect, test } from "vitest"
import { WorkQueue } from "./work-queue.ts"

function aQueue(): WorkQueue {
  return new WorkQueue({ firstRetryMs: 10, lastRetryMs: 1_000 })
}

function takeAll(queue: WorkQueue, nowMs: number): string[] {
  const keys: string[] = []
  for (let key = queue.take(nowMs); key !== undefined; key = queue.take(nowMs)) keys.push(key)
  return keys
}

test("a key that is added twice is taken once, in order of arrival", () => {
  const queue = aQueue()
  for (const key of ["b", "a", "b", "c"]) queue.add(key)

  expect(queue.depth).toBe(3)
  expect(takeAll(queue, 0)).toEqual(["b", "a", "c"])
  expect(queue.activeCount).toBe(3)
})

test("events come before sweeps, and lift a key that waits as one", () => {
  const queue = aQueue()
  queue.add("a", "sweep")
  queue.add("b", "sweep")
  queue.add("c")
  queue.add("b")
  queue.add("c", "sweep")

  expect(takeAll(queue, 0)).toEqual(["c", "b", "a"])
})

test("a key in work is not handed out again before it is finished", () => {
  const queue = aQueue()
  queue.add("a")
  expect(queue.take(0)).toBe("a")

  queue.add("a")
  expect(queue.take(0)).toBeUndefined()

  queue.finish("a")
  expect(queue.take(0)).toBe("a")
  queue.finish("a")
  expect(queue.take(0)).toBeUndefined()
})

test("a delayed key comes at its earliest time", () => {
  const queue = aQueue()
  queue.addAt("a", 100)
  queue.addAt("a", 50)
  queue.addAt("a", 70)
  queue.addAt("b", 60)

  expect(queue.nextDueMs).toBe(50)
  expect(takeAll(queue, 49)).toEqual([])
  expect(takeAll(queue, 60)).toEqual(["a", "b"])
  expect(queue.nextDueMs).toBeUndefined()
})

test("work that starts drops what was filed for later, since it decides anew", () => {
  const queue = aQueue()
  queue.addAt("a", 100)
  queue.add("a")

  expect(queue.take(0)).toBe("a")
  queue.finish("a")

  expect(queue.nextDueMs).toBeUndefined()
})

test("a key that becomes due while in work comes again afterwards", () => {
  const queue = aQueue()
  queue.add("a")
  queue.take(0)
  queue.addAt("a", 5)

  expect(queue.take(10)).toBeUndefined()
  queue.finish("a")
  expect(queue.take(10)).toBe("a")
})

test("failures of one key come later and later, up to the limit, until it is forgotten", () => {
  const queue = aQueue()
  const delays = Array.from({ length: 9 }, () => queue.retry("a", 0))

  expect(delays).toEqual([10, 20, 40, 80, 160, 320, 640, 1_000, 1_000])
  expect(queue.retry("b", 0)).toBe(10)
  queue.forget("a")
  expect(queue.retry("a", 0)).toBe(10)
})

test("a quiet retry is immediate five times, then it backs off", () => {
  const queue = aQueue()
  for (let attempt = 0; attempt < 5; attempt += 1) {
    queue.retrySoon("a", 0)
    expect(queue.take(0)).toBe("a")
    queue.finish("a")
  }

  queue.retrySoon("a", 0)
  expect(queue.take(0)).toBeUndefined()
  expect(queue.nextDueMs).toBe(320)
})

test("a thousand delayed keys come out in the order of their times", () => {
  const queue = aQueue()
  const dueMs = Array.from({ length: 1_000 }, (_, index) => (index * 7_919) % 1_000)
  dueMs.forEach((due, index) => queue.addAt(`k${index}`, due))

  const order: number[] = []
  for (let nowMs = 0; nowMs < 1_000; nowMs += 1) {
    for (const key of takeAll(queue, nowMs)) order.push(dueMs[Number(key.slice(1))] ?? -1)
  }

  expect(order).toEqual([...dueMs].sort((left, right) => left - right))
})
