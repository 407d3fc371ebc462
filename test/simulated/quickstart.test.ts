import { once } from "node:events"
import { createServer } from "node:net"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { ClusterKind, DevClusterKind, MachineDeploymentKind, SecretKind } from "#apis"
import { type ApiObject, isConditionTrue, type KindRef } from "#meta"
import { labBinary } from "../../lab/paths.ts"
import type { AnyObject, Kubectl } from "../lab/kubectl.ts"
import { Management } from "./management.ts"
import {
  controlPlaneName,
  deploymentName,
  isMachineReady,
  quickstart,
  quickstartName,
  untilReady,
} from "./quickstart.ts"

const minute = 60_000

describe.skipIf(!labBinary("kubectl"))(
  "the quickstart (needs kubectl: npm run lab -- build)",
  () => {
    let management: Management
    let kubectl: Kubectl
    let workload: Kubectl

    beforeAll(async () => {
      management = await Management.start()
      kubectl = await management.kubectl()
      await kubectl.apply(quickstart)
    })

    afterAll(() => management[Symbol.asyncDispose]())

    test(
      "becomes Ready: the Cluster, its deployment and exactly four Machines",
      async () => {
        const machines = await untilReady(management, 3)
        expect(machines.map(isMachineReady)).toEqual([true, true, true, true])
        const shown = await kubectl.run(["get", "cluster", quickstartName, "--no-headers"])
        expect(shown).toMatch(/quickstart +True +1 +1 .* 3 +3 +3 +Provisioned/)
      },
      minute,
    )

    test("its Nodes are there for the kubectl of the cluster's own kubeconfig", async () => {
      workload = await management.workloadKubectl(quickstartName)
      const nodes = await workload.list("nodes")
      const machines = await kubectl.list("machines")
      expect(providerIds(nodes)).toEqual(providerIds(machines))
      const wide = await workload.run(["get", "nodes", "-o", "wide", "--no-headers"])
      expect(wide.match(/ Ready /g)).toHaveLength(4)
      expect(wide.match(/v1\.34\.4/g)).toHaveLength(4)
      expect(await workload.run(["get", "pods", "-A", "--no-headers"])).toContain(
        `kube-apiserver-${controlPlaneName}`,
      )
    })

    test("each Node leads back to its Machine, and has lost the taint of one that is new", async () => {
      const { spec, metadata } = await workload.get("node", controlPlaneName)
      expect(metadata.annotations).toMatchObject({
        "cluster.x-k8s.io/cluster-name": quickstartName,
        "cluster.x-k8s.io/machine": controlPlaneName,
      })
      for (const node of await workload.list("nodes")) {
        const keys = (node.spec.taints ?? []).map(({ key }: { readonly key: string }) => key)
        expect(keys).not.toContain("node.cluster.x-k8s.io/uninitialized")
      }
      expect(spec.taints).toEqual([
        { key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" },
      ])
    })

    test(
      "keeps endpoint, authority, Nodes and a user's objects over a restart of everything",
      async () => {
        await workload.run(["create", "namespace", "shop"])
        await workload.run(["-n", "shop", "create", "configmap", "prices", "--from-literal=tea=2"])
        await workload.run(["label", "node", controlPlaneName, "rack=r1"])
        const before = await identity(management, workload)

        await management.restart()
        workload = await management.workloadKubectl(quickstartName)
        await management.until(ClusterKind, quickstartName, (cluster) =>
          isConditionTrue(cluster, "RemoteConnectionProbe"),
        )

        expect(await identity(management, workload)).toEqual(before)
        expect((await workload.get("node", controlPlaneName)).metadata.labels).toMatchObject({
          rack: "r1",
        })
        const prices = await workload.run([
          "-n",
          "shop",
          "get",
          "configmap",
          "prices",
          "-o",
          "json",
        ])
        expect((JSON.parse(prices) as AnyObject).data).toEqual({ tea: "2" })
      },
      minute,
    )

    test(
      "scaled from three to one, loses Machines, DevMachines and Nodes alike",
      async () => {
        kubectl = await management.kubectl()
        await kubectl.run(["scale", "machinedeployment", deploymentName, "--replicas=1"])
        const machines = await untilReady(management, 1)

        expect(machines.map(isMachineReady)).toEqual([true, true])
        const nodes = await workload.list("nodes")
        expect(providerIds(nodes)).toEqual(providerIds(await kubectl.list("machines")))
        expect(await kubectl.list("devmachines")).toHaveLength(2)
      },
      minute,
    )

    test(
      "deleted, goes as a whole, infrastructure last, and its port is free again",
      async () => {
        const cluster = await management.client.get(ClusterKind, {
          namespace: "default",
          name: quickstartName,
        })
        const { port = 0 } = cluster.spec.controlPlaneEndpoint ?? {}
        const order = await deletions(management, [
          MachineDeploymentKind,
          DevClusterKind,
          ClusterKind,
        ])
        await kubectl.run(["delete", "cluster", quickstartName, "--wait=false"])
        await management.untilGone(ClusterKind, quickstartName)

        expect(order()).toEqual(["MachineDeployment", "DevCluster", "Cluster"])
        expect(await kubectl.list("machines,devmachines,machinesets,kubeadmconfigs")).toEqual([])
        const { code } = await workload.try(["get", "nodes", "--request-timeout=2s"])
        expect(code).not.toBe(0)
        await management.untilGone(SecretKind, `${quickstartName}-ca`)

        const probe = createServer().listen(port, "127.0.0.1")
        await once(probe, "listening")
        probe.close()
      },
      minute,
    )
  },
)

function providerIds(objects: readonly AnyObject[]): readonly string[] {
  return objects.map(({ spec }) => spec.providerID as string).sort()
}

/** What must be the same after a restart. */
async function identity(management: Management, workload: Kubectl): Promise<object> {
  const cluster = await management.client.get(ClusterKind, {
    namespace: "default",
    name: quickstartName,
  })
  const authority = await workload.run(["config", "view", "--raw", "-o", "json"])
  const nodes = await workload.list("nodes,namespaces,pods", "-A")
  return {
    endpoint: cluster.spec.controlPlaneEndpoint,
    authority,
    uids: nodes.map(({ kind, metadata }) => `${kind}/${metadata.name}: ${metadata.uid}`).sort(),
  }
}

/** The kinds in the order in which their last objects go. */
async function deletions(
  management: Management,
  kinds: readonly KindRef<ApiObject>[],
): Promise<() => readonly string[]> {
  const seen: string[] = []
  for (const kind of kinds) {
    const cache = await management.plane.server.caches.cache(kind)
    cache.subscribe(({ type }) => {
      if (type === "deleted") seen.push(kind.kind)
    })
  }
  return () => seen
}
