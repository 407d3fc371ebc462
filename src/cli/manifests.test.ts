import { expect, test } from "vitest"
import { parseManifests } from "./manifests.ts"

test("manifests are read as kubectl reads them", () => {
  const text = `apiVersion: v1
kind: ConfigMap
metadata: {name: "n"}
mode: 0644
on: yes
times: [2026-03-01, 12:30, 12:30:45.5]
---
# nothing
---
apiVersion: v1
kind: Namespace
metadata: {name: team}
`

  const [first, second, ...rest] = parseManifests(text, "text")

  expect(first).toMatchObject({
    metadata: { name: "n" },
    mode: 420,
    times: ["2026-03-01", "12:30", "12:30:45.5"],
  })
  expect(second).toMatchObject({ kind: "Namespace" })
  expect(rest).toEqual([])
})

test("what is no manifest is refused, and the message names the file", () => {
  expect(() => parseManifests("kind: Pod", "pod.yaml")).toThrow(/read pod.yaml: a document without/)
  expect(() => parseManifests("a: [", "pod.yaml")).toThrow(/read pod.yaml: /)
})
