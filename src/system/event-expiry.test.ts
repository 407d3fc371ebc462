import { expect, test } from "vitest"
import { type Event, EventKind } from "#apis"
import { FakeClock } from "#base/testing"
import { SystemServer } from "./testing/system-server.ts"

const minuteMs = 60_000

async function tell({ client }: SystemServer, name: string): Promise<Event> {
  return await client.create(EventKind, {
    metadata: { name, namespace: "default" },
    involvedObject: { kind: "ConfigMap", name: "x", namespace: "default" },
    reason: "Test",
    type: "Normal",
  })
}

async function names(server: SystemServer): Promise<readonly string[]> {
  await server.system.settled()
  const { items } = await server.client.list(EventKind, { namespace: "default" })
  return items.map(({ metadata }) => metadata.name)
}

test("an Event goes an hour after its last write", async () => {
  const clock = new FakeClock()
  await using server = await SystemServer.start({ clock })
  const kept = await tell(server, "kept")
  await tell(server, "gone")
  clock.advance(30 * minuteMs)
  await server.client.patch(EventKind, kept.metadata, { type: "merge", body: { count: 2 } })
  clock.advance(29 * minuteMs)
  expect(await names(server)).toEqual(["gone", "kept"])
  clock.advance(2 * minuteMs)
  expect(await names(server)).toEqual(["kept"])
  clock.advance(30 * minuteMs)
  expect(await names(server)).toEqual([])
})

test("Events of an earlier run expire, too", async () => {
  const clock = new FakeClock()
  const first = await SystemServer.start({ clock })
  await tell(first, "old")
  await first.system.stop()
  await first.test.server.stop()
  clock.advance(61 * minuteMs)
  await using second = await SystemServer.start({ clock, store: first.test.store })
  clock.advance(1)
  expect(await names(second)).toEqual([])
})
