import { type Cluster, ClusterKind, type Machine, MachineKind } from "#apis"
import { findCondition, isConditionTrue } from "#meta"
import { expect, test } from "vitest"
import { Bench, clusterName, namespace } from "./testing/bench.ts"
import { aMachine, bringUp, key, makeCluster, makeMachine } from "./testing/objects.ts"

async function runningCluster(): Promise<Bench> {
  const bench = await Bench.start()
  await makeCluster(bench)
  await makeMachine(bench, aMachine("cp", { isControlPlane: true }))
  await bringUp(bench, "cp")
  await bench.until(ClusterKind, clusterName, (cluster) => isUp(cluster))
  return bench
}

function isUp(cluster: Cluster | undefined): boolean {
  return cluster !== undefined && isConditionTrue(cluster, "RemoteConnectionProbe")
}

/** What changed on Cluster and Machine while it was followed. */
async function follow(bench: Bench, type: { cluster: string; machine: string }) {
  const { caches } = bench.plane.server
  const seen: (string | undefined)[] = []
  const clusters = await caches.cache<Cluster>(ClusterKind)
  const machines = await caches.cache<Machine>(MachineKind)
  const look = (): void => {
    const cluster = clusters.get(namespace, clusterName)
    const machine = machines.get(namespace, "cp")
    seen.push(cluster && findCondition(cluster, type.cluster)?.status)
    seen.push(machine && findCondition(machine, type.machine)?.status)
  }
  clusters.subscribe(look)
  machines.subscribe(look)
  return seen
}

test("a plane that starts again does not doubt what it has not looked at yet", async () => {
  await using bench = await runningCluster()
  const seen = await follow(bench, { cluster: "RemoteConnectionProbe", machine: "NodeHealthy" })

  await bench.run()
  await bench.settle()
  await bench.elapse(20_000)

  expect(seen.filter((status) => status !== "True")).toEqual([])
})

test("a plane that starts again doubts a cluster that does not answer within the grace", async () => {
  await using bench = await runningCluster()

  await bench.workload.server.stop()
  await bench.run()
  await bench.elapse(60_000)
  await bench.advance(5 * 60_000)

  const cluster = await bench.client.get(ClusterKind, key(clusterName))
  const machine = await bench.client.get(MachineKind, key("cp"))
  expect(findCondition(cluster, "RemoteConnectionProbe")).toMatchObject({
    status: "False",
    message: expect.stringMatching(/not established yet: reach https:.*ECONNREFUSED/) as string,
  })
  expect(findCondition(machine, "NodeHealthy")?.status).toBe("Unknown")
})
