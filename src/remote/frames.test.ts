import { expect, test } from "vitest"

import { FrameReader } from "./frames.ts"

test("frames are read however they are cut", () => {
  const text = Buffer.from("one 3\nabc\ntwo x 0\n\n")
  for (let size = 1; size <= text.length; size += 1) {
    const frames: unknown[] = []
    const reader = new FrameReader(({ name, fields, body }) => {
      frames.push([name, fields, body.toString()])
    })
    for (let at = 0; at < text.length; at += size) reader.push(text.subarray(at, at + size))
    expect(frames).toEqual([
      ["one", [], "abc"],
      ["two", ["x"], ""],
    ])
  }
})

test.each([
  ["a size beyond all measure", "journal 99999999999\n"],
  ["a size that is none", "journal x\n"],
  ["a size below nothing", "journal -5\n"],
  ["a first line without an end", "x".repeat(10_000)],
])("%s is refused before it fills the memory", (_what, text) => {
  const reader = new FrameReader(() => {})
  expect(() => reader.push(Buffer.from(text))).toThrow("read answer")
})
