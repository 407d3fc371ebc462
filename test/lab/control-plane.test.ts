import { readFileSync } from "node:fs"
import { gzipSync } from "node:zlib"
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

  /** Users and files of every form, a name that the host knows, commands around kubeadm. */
  function hostConfig(): object {
    const publicKey = readFileSync(`${scene.lab.sshKey}.pub`, "utf8").trim()
    const packed = gzipSync("packed\n").toString("base64")
    return {
      users: [
        {
          name: "ops",
          groups: "adm, operators",
          sudo: "ALL=(ALL) NOPASSWD:ALL",
          shell: "/bin/bash",
          sshAuthorizedKeys: [publicKey],
        },
      ],
      files: [
        { path: "/etc/packed", content: packed, encoding: "gzip+base64", permissions: "0600" },
        { path: "/etc/of-ops", content: "theirs\n", owner: "ops:operators" },
        { path: "/etc/hosts", content: "192.0.2.1 added.test\n", append: true },
      ],
      preKubeadmCommands: [
        "export WORD=kept",
        'echo "$WORD {{ ds.meta_data.local_hostname }}" > /etc/before',
        "grep -c JoinConfiguration /run/kubeadm/kubeadm-join-config.yaml > /etc/seen",
      ],
      postKubeadmCommands: ["test -e /etc/kubernetes/kubelet.conf && echo joined > /etc/after"],
      joinConfiguration: {
        nodeRegistration: {
          name: "{{ ds.meta_data.local_hostname }}",
          kubeletExtraArgs: [{ name: "node-labels", value: "lab.test/second=true" }],
        },
      },
    }
  }

  async function expectHostConfigured(): Promise<void> {
    const { lab } = scene
    expect(await lab.run("m2", "sudo -n id -un; id -nG", { user: "ops" })).toMatch(
      /^root\nops .*adm.* operators|^root\nops .*operators.* adm/,
    )
    expect(await lab.run("m2", "cat /etc/packed; stat -c %a /etc/packed")).toBe("packed\n600\n")
    expect(await lab.run("m2", "stat -c %U:%G:%a /etc/of-ops")).toBe("ops:operators:644\n")
    expect(await lab.run("m2", "grep -c added.test /etc/hosts; grep -c m2 /etc/hosts")).toMatch(
      /^1\n[1-9]/,
    )
    expect(await lab.run("m2", "cat /etc/before /etc/seen /etc/after")).toBe("kept m2\n1\njoined\n")
    expect((await lab.tryRun("m2", "ls /etc/kubernetes/kubeadm /run/kubeadm")).code).not.toBe(0)
  }

  test(
    "waits for the first, joins it, and its etcd member leaves with it",
    async () => {
      scene.explainFailure()
      const second = scene
        .workerYaml("edge-1", "edge", "m2", { config: hostConfig() })
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
      await expectHostConfigured()
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
