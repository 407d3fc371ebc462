import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { MachineKind } from "#apis"
import { findCondition } from "#meta"
import { labBinary } from "../../lab/paths.ts"
import type { Kubectl } from "../lab/kubectl.ts"
import { Management } from "./management.ts"
import { quickstart, quickstartName, untilReady } from "./quickstart.ts"

const minute = 60_000
const namespace = "default"

describe.skipIf(!labBinary("kubectl"))(
  "draining a Node (needs kubectl: npm run lab -- build)",
  () => {
    let management: Management
    let kubectl: Kubectl
    let workload: Kubectl
    let victim: string

    beforeAll(async () => {
      management = await Management.start()
      kubectl = await management.kubectl()
      await kubectl.apply(quickstart)
      const machines = await untilReady(management, 3)
      const worker = machines.find(({ metadata }) => metadata.name.startsWith("quickstart-workers"))
      victim = worker?.metadata.name ?? ""
      workload = await management.workloadKubectl(quickstartName)
      await workload.apply(JSON.stringify(runningPod(victim)))
      const status = JSON.stringify({ status: runningStatus })
      await workload.run(
        ["patch", "pod", "shop", "--subresource=status", "--type=merge"].concat("-p", status),
      )
      await workload.run(
        ["create", "poddisruptionbudget", "shop"].concat(
          "--selector=app=shop",
          "--min-available=1",
        ),
      )
    }, minute)

    afterAll(() => management[Symbol.asyncDispose]())

    test(
      "a disruption budget holds it back, and the Machine says which pod waits for what",
      async () => {
        await kubectl.run(["delete", "machine", victim, "--wait=false"])

        const machine = await management.until(MachineKind, victim, (found) =>
          Boolean(findCondition(found, "Deleting")?.message?.includes("shop")),
        )

        expect(findCondition(machine, "Deleting")).toMatchObject({
          status: "True",
          reason: "DrainingNode",
          message: expect.stringMatching(/disruption budget/) as string,
        })
        expect((await workload.get("node", victim)).spec.unschedulable).toBe(true)
        const pod = await workload.get("pod", "shop")
        expect(pod.metadata.deletionTimestamp).toBeUndefined()
      },
      minute,
    )

    test(
      "without the budget the pod is evicted, the Node goes, and a new worker takes its place",
      async () => {
        await workload.run(["delete", "poddisruptionbudget", "shop"])
        // Any change of the Machine makes it look again; by itself it does so every 20 seconds.
        await kubectl.run(["annotate", "machine", victim, "look=again"])
        await management.untilGone(MachineKind, victim)

        expect(await workload.list("pods", "-n", namespace)).toEqual([])
        const { code } = await workload.try(["get", "node", victim])
        expect(code).toBe(1)
        const machines = await untilReady(management, 3)
        expect(machines.map(({ metadata }) => metadata.name)).not.toContain(victim)
        expect(machines).toHaveLength(4)
      },
      minute,
    )
  },
)

function runningPod(nodeName: string): object {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "shop", namespace, labels: { app: "shop" } },
    spec: { nodeName, containers: [{ name: "main", image: "pause" }] },
  }
}

const runningStatus = {
  phase: "Running",
  conditions: [{ type: "Ready", status: "True" }],
}
