import { beforeAll, describe, expect, test } from "vitest"
import { missingLab, Scene } from "./scene.ts"

const missing = missingLab()
const minutes = 60_000

describe.skipIf(missing)(`a second control plane Machine${missing ? ` (${missing})` : ""}`, () => {
  const scene = new Scene()
  const { kubectl } = scene

  beforeAll(async () => {
    await Promise.all([scene.machines(["m1", "m2"]), scene.start()])
  }, 3 * minutes)

  test(
    "waits for the first, joins it, and its etcd member leaves with it",
    async () => {
      scene.explainFailure()
      const second = scene
        .workerYaml("edge-1", "edge", "m2")
        .replace(
          "  namespace: default\n",
          '  namespace: default\n  labels:\n    cluster.x-k8s.io/control-plane: ""\n',
        )
      await kubectl.apply(`${scene.singleYaml("edge", "m1")}\n---\n${second}`)

      await kubectl.condition("cluster/edge", "ControlPlaneInitialized", "True")
      const workload = await scene.workload("edge")
      await scene.installNetwork(workload, "m1")
      await kubectl.condition("machine/edge-1", "Ready", "True")
      expect([...Object.keys(scene.starts("m1")), ...Object.keys(scene.starts("m2"))]).toEqual(
        expect.arrayContaining(["kubeadm-init", "kubeadm-join"]),
      )
      expect(scene.starts("m2")).not.toHaveProperty("kubeadm-init")
      const selector = ["-n", "kube-system", "-l", "component=etcd"]
      await workload.wait("pod", "condition=Ready", ...selector)
      expect(await workload.list("pod", ...selector)).toHaveLength(2)

      await kubectl.run(["delete", "machine", "edge-1", "--timeout=4m"])
      await workload.run(["create", "configmap", "written-by-one-member"])
      expect(await workload.list("node")).toHaveLength(1)
      await kubectl.condition("machine/edge-0", "Ready", "True")
    },
    8 * minutes,
  )
})
