import { expect, test } from "vitest"
import { ObjectIndex } from "#client"
import type { ApiObject, CacheEvent } from "#meta"

let version = 0

function anObject(
  name: string,
  options: { owner?: string; labels?: object; namespace?: string } = {},
) {
  version += 1
  const { owner, labels, namespace = "a" } = options
  return {
    apiVersion: "v1",
    kind: "Thing",
    metadata: {
      name,
      namespace,
      uid: name,
      resourceVersion: String(version),
      ...(labels ? { labels: labels as Record<string, string> } : {}),
      ...(owner
        ? { ownerReferences: [{ apiVersion: "v1", kind: "Owner", name: owner, uid: owner }] }
        : {}),
    },
  } satisfies ApiObject
}

function names(objects: readonly ApiObject[]): string[] {
  return objects.map((object) => object.metadata.name)
}

test("lists are ordered by namespace and name", () => {
  const index = new ObjectIndex<ApiObject>()
  index.put(anObject("b", { namespace: "z" }))
  index.put(anObject("c"))
  index.put(anObject("a"))

  expect(names(index.list())).toEqual(["a", "c", "b"])
  expect(names(index.list("a"))).toEqual(["a", "c"])
  index.remove("a", "a")
  expect(names(index.list("a"))).toEqual(["c"])
  expect(index.list("none")).toEqual([])
})

test("owner and label indexes follow every change", () => {
  const index = new ObjectIndex<ApiObject>()
  index.put(anObject("x", { owner: "o1", labels: { app: "web" } }))
  expect(names(index.labelled("app", "web"))).toEqual(["x"])
  index.put(anObject("y", { owner: "o1", labels: { app: "web" }, namespace: "b" }))
  expect(names(index.ownedBy("o1"))).toEqual(["x", "y"])
  expect(names(index.labelled("app", "web", "b"))).toEqual(["y"])

  index.put(anObject("x", { owner: "o2", labels: { app: "db" } }))
  expect(names(index.ownedBy("o1"))).toEqual(["y"])
  expect(names(index.ownedBy("o2"))).toEqual(["x"])
  expect(names(index.labelled("app", "web"))).toEqual(["y"])
  expect(names(index.labelled("app", "db"))).toEqual(["x"])

  index.remove("a", "x")
  expect(index.ownedBy("o2")).toEqual([])
  expect(index.labelled("app", "db")).toEqual([])
})

test("subscribers hear of changes only, with the state before", () => {
  const index = new ObjectIndex<ApiObject>()
  const events: CacheEvent<ApiObject>[] = []
  const stop = index.subscribe((event) => events.push(event))
  const first = anObject("x")
  const second = anObject("x")

  index.put(first)
  index.put(first)
  index.put(second)
  index.replace([second, anObject("y")])
  index.replace([second])
  stop()
  index.replace([])

  expect(
    events.map(({ type, object, old }) => [type, object.metadata.name, old === undefined]),
  ).toEqual([
    ["added", "x", true],
    ["modified", "x", false],
    ["added", "y", true],
    ["deleted", "y", false],
  ])
})
