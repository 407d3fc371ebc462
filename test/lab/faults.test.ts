import { beforeAll, describe, expect, test } from "vitest"
import { type Kubectl, until } from "./kubectl.ts"
import { missingLab, Scene } from "./scene.ts"

const missing = missingLab()
const minutes = 60_000

/** Everything but the checks after an interruption, once each. */
const onceEach = (starts: Readonly<Record<string, number>>): boolean =>
  Object.values(starts).every((count) => count === 1)

describe.skipIf(missing)(`a bootstrap${missing ? ` (${missing})` : ""}`, () => {
  const scene = new Scene()
  const { kubectl, lab } = scene
  let workload: Kubectl

  beforeAll(async () => {
    await Promise.all([scene.machines(["m1", "m2", "m3", "m4"]), scene.start()])
  }, 3 * minutes)

  /** Stops kubeadm where it is, as soon as it runs, so that there is a middle to be in. */
  async function holdKubeadm(machine: string): Promise<void> {
    await lab.run(machine, "until pkill -STOP -x kubeadm; do sleep 0.02; done", {
      timeoutMs: 4 * minutes,
    })
  }

  async function letKubeadmGo(machine: string): Promise<void> {
    await lab.run(machine, "pkill -CONT -x kubeadm")
  }

  test(
    "goes on when the plane is killed in the middle of kubeadm init",
    async () => {
      scene.explainFailure()
      const held = holdKubeadm("m1")
      await kubectl.apply(scene.singleYaml("edge", "m1"))
      await held
      await scene.journalSays("m1", "started kubeadm-init 1")
      await scene.plane.kill()
      await scene.plane.start()
      expect(scene.journals("m1").join("")).not.toContain("finished kubeadm-init")
      await kubectl.condition("remotemachine/edge-0", "Ready", "False", "Bootstrapping")
      await letKubeadmGo("m1")

      await kubectl.condition("cluster/edge", "ControlPlaneInitialized", "True")
      workload = await scene.workload("edge")
      await scene.installNetwork(workload, "m1")
      await kubectl.condition("machine/edge-0", "Ready", "True")
      expect(scene.starts("m1")).toMatchObject({ "write-files": 1, "kubeadm-init": 1 })
      expect(scene.starts("m1")).toSatisfy(onceEach)
    },
    6 * minutes,
  )

  test(
    "goes on when the plane is killed in the middle of kubeadm join",
    async () => {
      scene.explainFailure()
      const held = holdKubeadm("m2")
      await kubectl.apply(scene.workerYaml("killed", "edge", "m2"))
      await held
      await scene.plane.kill()
      await letKubeadmGo("m2")
      await scene.journalSays("m2", "ended")
      await scene.plane.start()

      await kubectl.condition("machine/killed", "Ready", "True")
      expect(scene.starts("m2")).toMatchObject({ "kubeadm-join": 1 })
      expect(scene.starts("m2")).toSatisfy(onceEach)
    },
    6 * minutes,
  )

  test(
    "goes on when SSH is cut for a minute in the middle of a step",
    async () => {
      scene.explainFailure()
      const config = { preKubeadmCommands: ["sleep 60"] }
      await kubectl.apply(scene.workerYaml("cut", "edge", "m3", { config }))
      await scene.journalSays("m3", "started pre-kubeadm-command-1")
      await lab.cut("m3")
      await scene.journalSays("m3", "finished kubeadm-join")
      await kubectl.condition("remotemachine/cut", "Ready", "False", "HostUnreachable")
      await lab.heal("m3")

      await kubectl.condition("machine/cut", "Ready", "True")
      expect(scene.starts("m3")).toMatchObject({ "pre-kubeadm-command-1": 1, "kubeadm-join": 1 })
      expect(scene.starts("m3")).toSatisfy(onceEach)
    },
    8 * minutes,
  )

  test(
    "waits for a host that is away at first",
    async () => {
      scene.explainFailure()
      await lab.stop("m4")
      await kubectl.apply(scene.workerYaml("late", "edge", "m4"))
      await kubectl.condition("remotemachine/late", "Ready", "False", "HostUnreachable")
      const why = await scene.mothership("why", "machine/late")
      expect(why.stdout).toContain("HostUnreachable")
      await lab.start("m4")

      await kubectl.condition("machine/late", "Ready", "True")
      expect(scene.starts("m4")).toSatisfy(onceEach)
    },
    6 * minutes,
  )

  test(
    "leaves a host alone that another plane has",
    async () => {
      scene.explainFailure()
      const state = async (): Promise<string> =>
        await lab.run(
          "m1",
          "find /etc /var/lib/mothership -type f | sort | xargs sha256sum; pgrep -x kubelet; pgrep -x etcd",
        )
      const before = await state()
      const other = await scene.anotherPlane()
      await other.kubectl.apply(scene.singleYaml("stolen", "m1"))
      await other.kubectl.condition("remotemachine/stolen-0", "Ready", "False", "HostInUse")

      await other.kubectl.run(["delete", "cluster", "stolen", "--timeout=3m"])
      expect(await state()).toBe(before)
      await kubectl.condition("machine/edge-0", "Ready", "True")
      await other.plane.remove()
    },
    6 * minutes,
  )

  test(
    "that was rebooted inside kubeadm init is checked, cleared away and done again",
    async () => {
      scene.explainFailure()
      await kubectl.run(["delete", "machine", "late", "--timeout=5m"])
      await kubectl.apply(scene.singleYaml("second", "m4"))
      await until("kubeadm has begun to write manifests", async () => {
        const { code } = await lab.tryRun("m4", "ls /etc/kubernetes/manifests/etcd.yaml")
        return code === 0
      })
      await lab.reboot("m4")

      await kubectl.condition("cluster/second", "ControlPlaneInitialized", "True")
      const second = await scene.workload("second")
      await scene.installNetwork(second, "m4")
      await kubectl.condition("machine/second-0", "Ready", "True")
      const story = scene
        .journals("m4")
        .join("")
        .split("\n")
        .map((line) => line.split(" "))
        .filter(([, step]) => step === "kubeadm-init")
        .map(([word, , attempt, result]) =>
          word === "checked" ? `${word} ${attempt} ${result}` : `${word} ${attempt}`,
        )
      expect(story).toEqual([
        "started 1",
        "checked 1 partial",
        "recovering 1",
        "recovered 1",
        "started 2",
        "finished 2",
      ])
    },
    8 * minutes,
  )

  test(
    "that was rebooted inside a step without a check stops until it is told to go on",
    async () => {
      scene.explainFailure()
      await kubectl.run(["delete", "machine", "killed", "--timeout=5m"])
      const command = "[ -e /var/tmp/second ] || { touch /var/tmp/second; sync; sleep 3600; }"
      const config = { preKubeadmCommands: [command] }
      await kubectl.apply(scene.workerYaml("stopped", "edge", "m2", { config }))
      await until("the command runs", async () => {
        const { code } = await lab.tryRun("m2", "pgrep -x sleep && ls /var/tmp/second")
        return code === 0
      })
      await lab.reboot("m2")
      await kubectl.condition("remotemachine/stopped", "Ready", "False", "BootstrapInterrupted")
      expect((await scene.mothership("why", "machine/stopped")).stdout).toContain(
        "BootstrapInterrupted",
      )

      const { code, stderr } = await scene.mothership("retry", "machine/stopped")
      expect(stderr).toBe("")
      expect(code).toBe(0)
      await kubectl.condition("machine/stopped", "Ready", "True")
      expect(scene.starts("m2")).toMatchObject({ "pre-kubeadm-command-1": 2, "kubeadm-join": 1 })
    },
    8 * minutes,
  )
})
