import { expect, test } from "vitest"
import { FakeClock } from "#base/testing"
import { ClusterKind } from "#apis"
import { ObjectIndex } from "#client"
import { type HealthState, ObjectView } from "#explain"
import type { ApiObject, CacheSource, KindRef, ObjectCache } from "#meta"
import { fitScreen, showTree } from "./live-tree.ts"
import { markOf } from "./tree-text.ts"

/** A cluster whose Available condition changes, and what is printed of it. */
class Scene {
  readonly clock = new FakeClock()
  readonly #clusters = new ObjectIndex<ApiObject>()
  printed = ""
  outage: string | undefined
  #revision = 0

  set(status: "True" | "False", reason: string, message = ""): void {
    this.#revision += 1
    const conditions = [{ type: "Available", status, reason, message }]
    const metadata = { namespace: "default", name: "edge", uid: "1" }
    this.#clusters.put({
      apiVersion: "cluster.x-k8s.io/v1beta2",
      kind: "Cluster",
      metadata: { ...metadata, resourceVersion: String(this.#revision) },
      spec: {},
      status: { conditions },
    } as ApiObject)
  }

  async view(): Promise<ObjectView> {
    const empty = new ObjectIndex<ApiObject>()
    const source: CacheSource = {
      cache: <T>(kind: KindRef<T>) =>
        Promise.resolve(
          (kind.kind === "Cluster" ? this.#clusters : empty) as unknown as ObjectCache<T>,
        ),
    }
    return await ObjectView.open(source)
  }

  show(view: ObjectView, isTTY: boolean, signal?: AbortSignal) {
    const root = () => view.get(ClusterKind, "default", "edge")
    const output = { isTTY, columns: 60, rows: 10, write: (text: string) => (this.printed += text) }
    const outage = () => this.outage
    return showTree({ view, root, clock: this.clock, output, outage, signal })
  }
}

test("what passes soon is no line, what lasts is one, and what is ready is one at once", async () => {
  const scene = new Scene()
  scene.set("False", "Waiting")
  const shown = scene.show(await scene.view(), false)
  scene.clock.advance(2_000)
  expect(scene.printed).toBe("")
  scene.clock.advance(2_000)
  expect(scene.printed).toBe("   3.0s  … Cluster/edge  Waiting\n")
  scene.set("True", "Available")
  scene.clock.advance(100)

  const tree = await shown

  expect(tree?.health.state).toBe("ready")
  expect(scene.printed).toBe(
    "   3.0s  … Cluster/edge  Waiting\n   4.1s  ✓ Cluster/edge  Available\n",
  )
})

test("on a terminal the tree is drawn again in its place", async () => {
  const scene = new Scene()
  scene.set("False", "Waiting")
  const shown = scene.show(await scene.view(), true)
  scene.set("True", "Available")
  scene.clock.advance(100)

  await shown

  const [first = "", second = ""] = scene.printed.split("\u001B[1A\u001B[0J")
  expect(first).toContain("Waiting\n")
  expect(second).toContain("Available\n")
})

test("a plane that does not answer is said, once, and so is that it does again", async () => {
  const scene = new Scene()
  scene.set("False", "Waiting")
  const shown = scene.show(await scene.view(), false)
  scene.outage = "no answer"
  scene.clock.advance(5_000)
  scene.outage = undefined
  scene.set("True", "Available")
  scene.clock.advance(1_000)

  await shown

  expect(scene.printed.replaceAll(/ +[\d.]+s {2}/g, "")).toBe(
    "! no answer\n! the plane answers again\n✓ Cluster/edge  Available\n",
  )
})

test("on a terminal a plane that does not answer is said below the tree", async () => {
  const scene = new Scene()
  scene.set("False", "Waiting")
  const stopping = new AbortController()
  const shown = scene.show(await scene.view(), true, stopping.signal)
  scene.outage = "no answer"
  scene.clock.advance(1_000)
  stopping.abort()
  await shown

  expect(scene.printed.split("\u001B[1A\u001B[0J")[1]).toMatch(/^Cluster.*Waiting\n! no answer\n$/)
})

test("nothing is drawn once the tree is as wanted: it would go over what is printed next", async () => {
  const scene = new Scene()
  scene.set("False", "Waiting")
  const shown = scene.show(await scene.view(), true)
  scene.clock.advance(950)
  scene.set("True", "Available")
  scene.clock.advance(50)
  await shown
  const { printed } = scene

  scene.set("True", "Available", "again")
  scene.clock.advance(5_000)

  expect(printed).toContain("Available\n")
  expect(scene.printed).toBe(printed)
})

test("without colours a screen is drawn without them", async () => {
  const scene = new Scene()
  scene.set("True", "Available")

  await scene.show(await scene.view(), true)

  expect(scene.printed).toBe("Cluster/edge  ✓         Available\n")
})

test("a show that is called off ends without a tree", async () => {
  const scene = new Scene()
  const stopping = new AbortController()
  const shown = scene.show(await scene.view(), false, stopping.signal)
  stopping.abort()

  expect(await shown).toBeUndefined()
})

test("a tree that is higher than the screen leaves out what is ready", () => {
  const line = (name: string, state: HealthState) => `${name} ${markOf(state, true)}`
  const lines = [
    line("root", "ready"),
    line("a", "ready"),
    line("b", "working"),
    line("c", "ready"),
    line("d", "stuck"),
    line("e", "working"),
  ]

  const ready = markOf("ready", true)
  expect(fitScreen(lines, 6, ready)).toEqual(lines)
  expect(fitScreen(lines, 4, ready)).toEqual([lines[0], lines[2], lines[4], "… and 3 more"])
})
