import { describe, expect, test } from "vitest"
import { artifactSetPath } from "../../lab/artifact-set.ts"
import { kubernetesVersion, missingLab, Scene } from "./scene.ts"

const missing = missingLab("plain")

describe.skipIf(missing)(
  `hosts with systemd and sshd only${missing ? ` (${missing})` : ""}`,
  () => {
    const scene = new Scene()

    function createCluster(name: string, hosts: readonly string[]) {
      const access = ["--ssh-key", scene.lab.sshKey, "--kubernetes-version", kubernetesVersion]
      return scene.mothership("create", "cluster", name, ...hosts, ...access)
    }

    test("mothership create cluster makes them a cluster with a network", async () => {
      scene.explainFailure()
      await scene.machines(["m1", "m2"], "plain")
      await scene.start()
      const { directory } = scene.plane
      const set = artifactSetPath() ?? ""
      const added = await scene.command("artifacts", "add", set, "--data-dir", directory)
      expect(added).toMatchObject({ code: 0 })

      const first = `root@${scene.address("m1")}`
      const workers = ["--workers", `admin@${scene.address("m2")}`]
      const created = await createCluster("edge", ["--control-plane", first, ...workers])

      expect(created).toMatchObject({ code: 0 })
      expect(created.stdout).toMatch(/… RemoteMachine\/edge-control-plane-0 .*\[\d\/\d+ [a-z-]+\]/)
      expect(created.stdout).toContain(`export KUBECONFIG=${directory}/edge.kubeconfig`)
      const workload = await scene.workload("edge")
      const nodes = await workload.list("nodes")
      expect(nodes.map(({ metadata }) => metadata.name).sort()).toEqual(["m1", "m2"])
      await workload.run(["wait", "node", "--all", "--for=condition=Ready", "--timeout=60s"])
      await workload.run(["-n", "kube-flannel", "rollout", "status", "daemonset/flannel"])
      expect(scene.starts("m1")).toMatchObject({ "install-artifacts": 1, "kubeadm-init": 1 })
    }, 900_000)

    test("the journal of a machine is shown without a key of its host", async () => {
      scene.explainFailure()

      const { code, stdout } = await scene.mothership("logs", "machine/edge-control-plane-0")

      expect(code).toBe(0)
      expect(stdout).toMatch(/== \S+ kubeadm-init: attempt 1\n/)
      expect(stdout).toContain("Your Kubernetes control-plane has initialized successfully!")
      expect(stdout).toMatch(/== \S+ all steps are done\n$/)
      expect(stdout).not.toMatch(/--token [a-z0-9]{6}\.[a-z0-9]{16}/)
    }, 120_000)

    test("a host that is taken is named as the reason, and not touched", async () => {
      scene.explainFailure()
      const before = scene.journals("m2")

      const taken = `root@${scene.address("m2")}`
      const { code, stderr } = await createCluster("other", ["--control-plane", taken])

      expect(code).toBe(1)
      expect(stderr).toContain("cluster other cannot be made")
      expect(stderr).toMatch(/waits for: (DuplicateAddress|HostInUse)\n/)
      expect(scene.journals("m2")).toEqual(before)
    }, 120_000)

    test("a preparation goes on when plane and host die in the middle of it", async () => {
      scene.explainFailure()
      await scene.machines(["m3"], "plain")
      const host = { artifacts: `kubernetes-${kubernetesVersion}` }
      await scene.kubectl.apply(scene.singleYaml("late", "m3", { host }))
      await scene.journalSays("m3", "started import-images 1")

      await scene.plane.kill()
      await scene.lab.reboot("m3")
      await scene.plane.start()

      await scene.kubectl.condition("cluster/late", "ControlPlaneInitialized", "True")
      const once = { "install-artifacts": 1, "start-services": 1, "kubeadm-init": 1 }
      expect(scene.starts("m3")).toMatchObject(once)
    }, 600_000)
  },
)
