import { expect, test } from "vitest"
import { formatSelector, matchesSelector, parseSelector, selectorOf } from "./label-selector.ts"

const labels = { app: "web", tier: "front", "cluster.x-k8s.io/cluster-name": "edge" }

test.each([
  ["app=web", true],
  ["app==web,tier!=back", true],
  ["app in (api, web),tier notin (back)", true],
  ["cluster.x-k8s.io/cluster-name=edge", true],
  ["app,!zone", true],
  ["", true],
  ["app!=web", false],
  ["zone", false],
  ["!app", false],
  ["app in (api)", false],
])("the selector %j answers %s", (text, expected) => {
  expect(matchesSelector(parseSelector(text), labels)).toBe(expected)
})

test.each(["a=b=c", "in (x)", "a in (b", ",a", "a b", "-a=1", "a>x"])(
  "the malformed selector %j is refused with BadRequest",
  (text) => {
    expect(() => parseSelector(text)).toThrow(expect.objectContaining({ reason: "BadRequest" }))
  },
)

test("an absent LabelSelector selects nothing and an empty one everything", () => {
  expect(selectorOf(undefined)).toBeUndefined()
  expect(matchesSelector(selectorOf({}) ?? [], labels)).toBe(true)
})

test("a LabelSelector survives its query form", () => {
  const selector = selectorOf({
    matchLabels: { app: "web" },
    matchExpressions: [{ key: "tier", operator: "NotIn", values: ["b", "a"] }],
  })

  const text = formatSelector(selector ?? [])

  expect(text).toBe("app=web,tier notin (a,b)")
  expect(matchesSelector(parseSelector(text), labels)).toBe(true)
})
