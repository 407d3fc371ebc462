import { writeFileSync } from "node:fs"
import { beforeAll, describe, expect, test } from "vitest"
import { type AnyObject, type Kubectl, until } from "./kubectl.ts"
import { missingLab, Scene } from "./scene.ts"

const missing = missingLab()
const minutes = 60_000

function trueConditions({ status }: AnyObject): readonly string[] {
  const conditions = (status?.conditions ?? []) as readonly {
    readonly type: string
    readonly status: string
  }[]
  return conditions.filter((condition) => condition.status === "True").map(({ type }) => type)
}

describe.skipIf(missing)(`a cluster from YAML${missing ? ` (${missing})` : ""}`, () => {
  const scene = new Scene()
  const { kubectl, lab } = scene
  let workload: Kubectl

  beforeAll(async () => {
    await Promise.all([scene.machines(["m1", "m2", "m3"]), scene.start()])
  }, 3 * minutes)

  /** Revisions at which objects of a kind were deleted: all kinds count by the same clock. */
  function watchDeletions(kind: string) {
    const output = 'jsonpath={.type} {.object.metadata.resourceVersion}{"\\n"}'
    const flags = ["--watch", "--output-watch-events", "-o", output]
    const { lines, stop } = kubectl.follow(["get", kind, ...flags])
    const revisions = (): readonly number[] =>
      lines()
        .filter((line) => line.startsWith("DELETED "))
        .map((line) => Number(line.split(" ")[1]))
    return { stop, revisions, isRunning: () => lines().length > 0 }
  }

  test(
    "one controller Machine becomes a control plane that is Ready",
    async () => {
      scene.explainFailure()
      await kubectl.apply(
        scene.yaml("anywhere", { CONTROL_PLANE: scene.address("m1"), WORKER: scene.address("m2") }),
      )

      await kubectl.condition("cluster/edge", "ControlPlaneInitialized", "True")
      workload = await scene.workload("edge")
      await scene.installNetwork(workload, "m1")
      await kubectl.condition("machine/edge-0", "Ready", "True")

      const machine = await kubectl.get("machine", "edge-0")
      expect(machine.status).toMatchObject({ phase: "Running", nodeRef: { name: "m1" } })
      const node = await workload.get("node", "m1")
      expect(node.spec.providerID).toBe(machine.spec.providerID)
      expect(node.metadata.labels).toMatchObject({ "lab.test/role": "controller" })
    },
    6 * minutes,
  )

  test(
    "with the pool one machine short the last Machine says so",
    async () => {
      scene.explainFailure()
      await kubectl.wait("machinedeployment/edge-workers", "jsonpath={.status.readyReplicas}=1")

      const machines = await kubectl.list("remotemachine", "-l", "pool=workers")
      expect(machines).toHaveLength(2)
      const short = machines.filter(({ spec }) => spec.address === undefined)
      expect(short).toHaveLength(1)
      const [name = ""] = short.map(({ metadata }) => metadata.name)
      await kubectl.condition(`remotemachine/${name}`, "Ready", "False")
      expect(await kubectl.run(["get", "machine", name, "-o", "yaml"])).toContain(
        "pool workers has no free host: its only host is taken (pooled-1 by ",
      )
    },
    6 * minutes,
  )

  test(
    "the moment a PooledRemoteMachine is added it becomes a node too",
    async () => {
      scene.explainFailure()
      await kubectl.apply(
        scene.yaml("pooled", { NAME: "pooled-2", POOL: "workers", ADDRESS: scene.address("m3") }),
      )

      await kubectl.condition("machinedeployment/edge-workers", "Available", "True")
      await workload.wait("node", "condition=Ready", "--all")

      expect(await workload.list("node")).toHaveLength(3)
      const machines = await kubectl.list("machine")
      for (const machine of machines) {
        expect(machine.status).toMatchObject({ phase: "Running" })
        expect(trueConditions(machine)).toEqual(
          expect.arrayContaining([
            ...(machine.metadata.name === "edge-0" ? [] : ["UpToDate"]),
            "Available",
            "Ready",
            "BootstrapConfigReady",
            "InfrastructureReady",
            "NodeReady",
            "NodeHealthy",
          ]),
        )
      }
      await kubectl.condition("cluster/edge", "Available", "True")
      const cluster = await kubectl.get("cluster", "edge")
      expect(cluster.status).toMatchObject({
        phase: "Provisioned",
        workers: { desiredReplicas: 2, readyReplicas: 2 },
        controlPlane: { desiredReplicas: 1, readyReplicas: 1 },
      })
      const table = await kubectl.run(["get", "machinedeployment", "edge-workers"])
      expect(table).toMatch(/edge-workers +edge/)
    },
    6 * minutes,
  )

  test(
    "pods run on workers, kubectl reaches them, and a Service answers by name across nodes",
    async () => {
      scene.explainFailure()
      await workload.apply(scene.yaml("pods"))
      await workload.wait("pod/server", "condition=Ready")
      await workload.wait("pod/client", "condition=Ready")

      const pods = await workload.list("pod")
      const nodes = new Set(pods.map(({ spec }) => spec.nodeName as string))
      expect(nodes).toEqual(new Set(["m2", "m3"]))
      const url = "http://server.default.svc.cluster.local/"
      const answer = await workload.run(["exec", "client", "--", "testpod", "get", url, "120"])
      expect(answer).toContain("server")
      expect(await workload.run(["exec", "client", "--", "sh", "-c", "echo here"])).toBe("here\n")
      expect(await workload.run(["logs", "server"])).toContain("serving server on")
    },
    6 * minutes,
  )

  test(
    "scaled down, a node is drained and deleted, its host cleaned and given back to the pool",
    async () => {
      scene.explainFailure()
      const before = await workload.list("pod")
      await kubectl.run(["scale", "machinedeployment", "edge-workers", "--replicas=1"])
      await kubectl.wait("machinedeployment/edge-workers", "jsonpath={.status.replicas}=1")
      const [left] = await kubectl.list("machine", "-l", "pool=workers")
      const kept = left?.status.nodeRef.name as string
      const freed = kept === "m2" ? "m3" : "m2"
      const pooled = freed === "m2" ? "pooled-1" : "pooled-2"
      await kubectl.wait(`pooledremotemachine/${pooled}`, "jsonpath={.status.reserved}=false")

      const nodes = await workload.list("node")
      expect(nodes.map(({ metadata }) => metadata.name).sort()).toEqual(["m1", kept].sort())
      expect(before.filter(({ spec }) => spec.nodeName === freed)).toHaveLength(1)
      const pods = await workload.list("pod")
      expect(pods.map(({ spec }) => spec.nodeName as string)).toEqual([kept])
      const events = await kubectl.run(["get", "events", "-o", "jsonpath={.items[*].reason}"])
      expect(events).toContain("SuccessfulDrainNode")
      const remains =
        "ls /etc/kubernetes/manifests /var/lib/kubelet/config.yaml /var/lib/mothership"
      expect((await lab.tryRun(freed, `${remains} 2>/dev/null`)).stdout.trim()).not.toMatch(/yaml/)
      expect((await lab.tryRun(freed, "systemctl is-active kubelet")).stdout.trim()).not.toBe(
        "active",
      )
      const links = await lab.run(freed, "ip -brief link")
      expect(links).not.toMatch(/cni0|flannel/)
    },
    6 * minutes,
  )

  test(
    "a machine that came back to the pool becomes a node of another cluster",
    async () => {
      scene.explainFailure()
      const free = (await kubectl.list("pooledremotemachine")).find(
        ({ status }) => status?.reserved !== true,
      )
      const address = free?.spec.machine.address as string
      const machine = address === scene.address("m2") ? "m2" : "m3"
      const host = { pool: "workers", address: undefined, sshKeyRef: undefined }
      await kubectl.apply(scene.singleYaml("second", machine, { host }))

      await kubectl.condition("cluster/second", "ControlPlaneInitialized", "True")
      const second = await scene.workload("second")
      await scene.installNetwork(second, machine)
      await kubectl.condition("machine/second-0", "Ready", "True")

      await second.wait(`node/${machine}`, "condition=Ready")
      expect(await second.list("node")).toHaveLength(1)
      const others = await workload.list("node")
      expect(others.map(({ metadata }) => metadata.name)).not.toContain(machine)
      await kubectl.run(["delete", "cluster", "second", "--timeout=5m"])
    },
    6 * minutes,
  )

  test(
    "a plane restored from its backup disturbs no host, and goes on scaling",
    async () => {
      scene.explainFailure()
      const nodes = (await workload.list("node")).map(({ metadata }) => metadata.name)
      const running = (): Promise<readonly string[]> =>
        Promise.all(
          nodes.map((machine) =>
            lab.run(machine, "ps -eo pid,lstart,args | grep -E '[k]ube|[e]tcd|[f]lannel'"),
          ),
        )
      const archive = scene.file("backup")
      const passphrase = scene.file("passphrase")
      writeFileSync(passphrase, "correct horse battery staple\n", { mode: 0o600 })
      const options = ["--data-dir", scene.plane.directory, "--passphrase-file", passphrase]
      const before = await running()

      expect(await scene.command("backup", archive, ...options)).toMatchObject({ code: 0 })
      await scene.plane.kill()
      scene.plane.loseData()
      expect(await scene.command("restore", archive, ...options)).toMatchObject({ code: 0 })
      await scene.plane.start()

      await kubectl.run(["scale", "machinedeployment", "edge-workers", "--replicas=2"])
      await kubectl.wait("machinedeployment/edge-workers", "jsonpath={.status.readyReplicas}=2")
      await workload.wait("node", "condition=Ready", "--all")
      expect(await workload.list("node")).toHaveLength(3)
      const after = await running()
      before.forEach((processes, index) => {
        for (const line of processes.split("\n")) expect(after[index]).toContain(line)
      })
      expect(before.join("")).toContain("kube-apiserver")
    },
    6 * minutes,
  )

  test(
    "deleting the Cluster takes everything with it, Machines first, and leaves the hosts clean",
    async () => {
      scene.explainFailure()
      const deletions = ["machine", "machinedeployment", "remotecluster", "cluster"].map(
        watchDeletions,
      )
      await until("all watches run", () => deletions.every((watch) => watch.isRunning()))
      await kubectl.run(["delete", "cluster", "edge", "--timeout=5m"])

      const all =
        "machines,machinesets,machinedeployments,kubeadmconfigs,remotemachines,remoteclusters"
      expect(await kubectl.list(all)).toEqual([])
      await until("only the SSH key is left of the Secrets", async () => {
        const names = (await kubectl.list("secret")).map(({ metadata }) => metadata.name)
        return names.join() === "lab-key"
      })
      const revisions = await until("everything is seen to be deleted", () => {
        const seen = deletions.map((watch) => watch.revisions())
        return seen.map(({ length }) => length).join() === "3,1,1,1" && seen
      })
      for (const watch of deletions) watch.stop()
      const [machines = [], deployments = [], infrastructure = [], clusters = []] = revisions
      expect(Math.max(...machines, ...deployments)).toBeLessThan(Math.min(...infrastructure))
      expect(Math.max(...infrastructure)).toBeLessThan(Math.min(...clusters))
      for (const machine of ["m1", "m2", "m3"]) {
        const { stdout } = await lab.tryRun(
          machine,
          "ls -A /etc/kubernetes/manifests /etc/kubernetes/pki /var/lib/etcd 2>/dev/null | grep -v ':$'; ls /var/lib/mothership 2>/dev/null; pgrep -x kubelet",
        )
        expect(stdout.trim()).toBe("")
      }
      for (const { status } of await kubectl.list("pooledremotemachine")) {
        expect(status?.reserved ?? false).toBe(false)
      }
    },
    6 * minutes,
  )
})
