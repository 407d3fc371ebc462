import {
  DevMachineKind,
  EventKind,
  KubeadmConfigKind,
  MachineDeploymentKind,
  MachineKind,
  MachineSetKind,
} from "#apis"
import { ConnectionError } from "#client"
import { expect, test } from "vitest"
import { Bench, type BenchTransport, type BenchWrap, namespace } from "../testing/bench.ts"
import { aDeployment, bringAllUp, key, makeCluster, makeTemplates } from "../testing/objects.ts"

/** Carries creates of one kind out, and loses what the server answered to them. */
function losing(kind: string, times: number): BenchWrap {
  let left = times
  return (transport: BenchTransport) => ({
    get: (target) => transport.get(target),
    list: (target, options) => transport.list(target, options),
    update: (target, object, options) => transport.update(target, object, options),
    patch: (target, patch, options) => transport.patch(target, patch, options),
    delete: (target, options) => transport.delete(target, options),
    watch: (target, options, signal) => transport.watch(target, options, signal),
    async create(target, object, options) {
      const answer = await transport.create(target, object, options)
      if (target.kind.kind !== kind || left === 0) return answer
      left -= 1
      throw new ConnectionError(`the answer to the creation of ${kind} was lost`)
    },
  })
}

async function settledThrough(bench: Bench): Promise<void> {
  for (let step = 0; step < 20; step += 1) await bench.advance(1_000)
}

test.each([
  ["MachineSet", 1],
  ["Machine", 2],
  ["DevMachine", 3],
  ["KubeadmConfig", 3],
])("lost answers to creations of %s leave neither gaps nor doubles", async (kind, times) => {
  await using bench = await Bench.start({ wrap: losing(kind, times) })
  await makeCluster(bench)
  await makeTemplates(bench, "md")
  await bench.client.create(MachineDeploymentKind, aDeployment("md", 3))
  await settledThrough(bench)

  const machines = await bench.client.listAll(MachineKind, { namespace })
  const names = machines.map(({ metadata }) => metadata.name)
  expect(names).toHaveLength(3)
  for (const children of [
    await bench.client.listAll(DevMachineKind, { namespace }),
    await bench.client.listAll(KubeadmConfigKind, { namespace }),
  ]) {
    expect(children.map(({ metadata }) => metadata.name)).toEqual(names)
    for (const { metadata } of children) {
      expect(metadata.ownerReferences).toMatchObject([{ kind: "Machine", name: metadata.name }])
    }
  }
  expect(await bench.client.listAll(MachineSetKind, { namespace })).toHaveLength(1)
  const events = await bench.client.listAll(EventKind, { namespace })
  expect(events.map(({ reason }) => reason)).not.toContain("SuccessfulDelete")
})

test.each(["Machine", "DevMachine", "KubeadmConfig"])(
  "controllers that die while making a %s go on where they were",
  async (kind) => {
    let deaths = 0
    let seen = 0
    await using bench = await Bench.start({
      wrap: (transport) =>
        new Proxy(transport, {
          get(target, name, receiver) {
            const value: unknown = Reflect.get(target, name, receiver)
            if (name !== "create" || typeof value !== "function") return value
            return async (...call: Parameters<BenchTransport["create"]>) => {
              if (call[0].kind.kind === kind && seen >= deaths) {
                throw new ConnectionError("the process was killed")
              }
              seen += 1
              return target.create(...call)
            }
          },
        }),
    })
    await makeCluster(bench)
    await makeTemplates(bench, "md")
    await bench.client.create(MachineDeploymentKind, aDeployment("md", 2))
    await bench.settle()
    for (deaths = 1; deaths <= 2; deaths += 1) {
      await bench.halt()
      await bench.run()
      await bench.settle()
    }
    await bringAllUp(bench)
    const machines = await bench.client.listAll(MachineKind, { namespace })
    expect(machines.map(({ status }) => status?.phase)).toEqual(["Running", "Running"])
    expect(await bench.client.listAll(DevMachineKind, { namespace })).toHaveLength(2)
    expect(await bench.client.listAll(KubeadmConfigKind, { namespace })).toHaveLength(2)
  },
)

test("a set takes over Machines that match, and gives up what is too much", async () => {
  await using bench = await Bench.start()
  await makeCluster(bench)
  await makeTemplates(bench, "ms")
  const { spec } = aDeployment("ms", 1)
  const labels = { pool: "a" }
  await bench.client.create(MachineKind, {
    metadata: { ...key("mine"), labels },
    spec: {
      ...spec.template.spec,
      bootstrap: { dataSecretName: "data" },
      infrastructureRef: { ...spec.template.spec.infrastructureRef, kind: "DevMachine", name: "x" },
    },
  })
  await bench.client.create(MachineSetKind, {
    metadata: key("ms"),
    spec: {
      clusterName: spec.clusterName,
      replicas: 2,
      selector: { matchLabels: labels },
      template: { ...spec.template, metadata: { labels } },
    },
  })
  await bench.settle()
  const machineSet = await bench.client.get(MachineSetKind, key("ms"))
  expect(machineSet.status).toMatchObject({ replicas: 2 })
  expect(machineSet.metadata.ownerReferences).toMatchObject([{ kind: "Cluster" }])
  const mine = await bench.client.get(MachineKind, key("mine"))
  expect(mine.metadata.ownerReferences).toMatchObject([
    { kind: "Cluster" },
    { kind: "MachineSet", name: "ms", controller: true },
  ])

  await bench.client.patch(MachineSetKind, key("ms"), {
    type: "merge",
    body: { spec: { replicas: 0 } },
  })
  await settledThrough(bench)
  expect(await bench.client.listAll(MachineKind, { namespace })).toEqual([])
})
