import { describe, expect, test } from "vitest"

import { bootstrapSentinel } from "#contract"
import { parsePlan, type PlanStep } from "#remote"

import { cloudConfigPlan } from "./cloud-config-plan.ts"
import { neededCommands, preparesHost } from "./known-commands.ts"

function stepsOf(text: string, commandsAsScript = false): readonly PlanStep[] {
  const plan = cloudConfigPlan(text, { hostname: "node-1", commandsAsScript })
  return parsePlan(plan).steps
}

const kubeadm = `## template: jinja
#cloud-config
write_files:
- path: /etc/kubernetes/pki/ca.key
  owner: root:root
  permissions: "0600"
  content: |
    -----BEGIN RSA PRIVATE KEY-----
    c2VjcmV0IGtleQ==
    -----END RSA PRIVATE KEY-----
- path: /run/kubeadm/kubeadm-join-config.yaml
  permissions: "0640"
  content: |
    name: '{{ ds.meta_data.local_hostname }}'
    token: abcdef.0123456789abcdef
runcmd:
  - "swapoff -a"
  - kubeadm join --config /run/kubeadm/kubeadm-join-config.yaml && echo success > ${bootstrapSentinel}
`

describe("the steps of a cloud-config", () => {
  test("come in cloud-init's order", () => {
    const text = `#cloud-config
runcmd: [[echo, "it's"], "cd /tmp"]
bootcmd: ["true"]
users: [default, {name: ops, groups: [wheel], sudo: "ALL=(ALL) NOPASSWD:ALL", ssh_authorized_keys: [ssh-ed25519 AAAA]}]
write_files:
- {path: /a, content: a}
- {path: /b, content: b, defer: true, append: true}
`
    const steps = stepsOf(text)
    expect(steps.map(({ name }) => name)).toEqual([
      "boot-command-1",
      "write-files",
      "user-ops",
      "write-deferred-files",
      "command-1",
      "command-2",
    ])
    expect(steps[3]?.action).toMatchObject({ files: [{ path: "/b", append: true }] })
    expect(steps[4]?.action).toMatchObject({ command: `echo 'it'\\''s'`, shared: true })
    expect(steps[2]?.action).toMatchObject({ command: expect.stringContaining("useradd -m") })
  })

  test("know the host's name where it is asked for", () => {
    const [files] = stepsOf(kubeadm)
    const content = files?.action.kind === "files" ? files.action.files[1]?.content : ""
    expect(Buffer.from(content ?? "", "base64").toString()).toContain("name: 'node-1'")
  })

  test("know how to judge and clear away an interrupted kubeadm, and restore what it read", () => {
    const join = stepsOf(kubeadm).at(-1)
    expect(join?.title).toContain("kubeadm join")
    expect(join?.check).toContain(`[ -e ${bootstrapSentinel} ] && exit 0`)
    expect(join?.recover).toMatch(/kubeadm reset -f[\s\S]*ca\.key[\s\S]*kubeadm-join-config/)
    const swapoff = stepsOf(kubeadm).at(-2)
    expect(swapoff?.check).toBe("exit 1")
  })

  test("know a command that is written as a list of words", () => {
    const [join] = stepsOf("#cloud-config\nruncmd: [[kubeadm, join, --config, /join.yaml]]\n")
    expect(join?.title).toContain("kubeadm join")
    expect(join?.recover).toContain("kubeadm reset -f")
  })

  test("are not repeated when nothing is known of a command", () => {
    const steps = stepsOf("#cloud-config\nruncmd: ['./install.sh', 'mkdir -p /a && ./b']\n")
    expect(steps.map(({ check }) => check)).toEqual([undefined, undefined])
  })

  test("know k0s", () => {
    const text =
      "#cloud-config\nruncmd: ['curl -sSfL https://get.k0s.sh | sh', '/usr/local/bin/k0s install worker --token-file /t', 'k0s start']\n"
    const [download, install, begin] = stepsOf(text)
    expect(download?.check).toBe("exit 1")
    expect(install?.check).toContain("k0sworker.service")
    expect(begin?.check).toBe("exit 1")
  })

  test("are one when the commands are one script", () => {
    const steps = stepsOf("#cloud-config\nruncmd: ['a', [b, c]]\n", true)
    expect(steps).toHaveLength(1)
    expect(steps[0]?.action).toEqual({ kind: "command", command: "set -e\na\nb c\n" })
  })

  test("name the secret values of files that not everybody may read", () => {
    const { secrets } = cloudConfigPlan(kubeadm, { hostname: "n", commandsAsScript: false })
    expect(secrets).toContain("abcdef.0123456789abcdef")
    expect(secrets?.some((secret) => secret.includes("c2VjcmV0IGtleQ=="))).toBe(true)
  })
})

describe("what a plan needs on its host", () => {
  test("follows from its commands", () => {
    expect(neededCommands(stepsOf(kubeadm))).toEqual(["kubeadm", "kubelet"])
    expect(neededCommands(stepsOf("#cloud-config\nruncmd: ['true']\n"))).toEqual([])
  })

  test("may be what an earlier command installs", () => {
    const installs = kubeadm.replace("swapoff -a", "apt-get install -y kubeadm")
    expect(preparesHost(stepsOf(installs))).toBe(true)
    expect(preparesHost(stepsOf(kubeadm))).toBe(false)
    const bare = "#cloud-config\nruncmd: ['kubeadm init']\n"
    expect(preparesHost(stepsOf(bare))).toBe(false)
  })
})
