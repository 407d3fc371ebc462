import { execFile } from "node:child_process"
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { parsePlan } from "#remote"
import { bootstrapPlan, type PlanParts } from "./bootstrap-plan.ts"

/** A directory that stands for the host's root: the scripts' paths are moved into it. */
let root = ""

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "bootstrap-plan-"))
  await mkdir(join(root, "run"))
  await mkdir(join(root, "bin"))
})

afterEach(async () => {
  await rm(root, { recursive: true, force: true })
})

const parts: PlanParts = {
  mode: "init",
  configuration: "kind: InitConfiguration\n",
  keyFiles: [],
  userFiles: [],
  users: [],
  bootCommands: [],
  preCommands: [],
  postCommands: [],
  verbosity: undefined,
  secrets: [],
}

const pathPattern = /\/(etc\/(?:kubernetes|cni)|run\/(?:kubeadm|cluster-api)|var\/lib\/cni)/g

async function run(script: string): Promise<{ readonly code: number; readonly output: string }> {
  const moved = script.replaceAll(pathPattern, `${root}/$1`)
  const env = { PATH: `${root}/bin:${process.env["PATH"]}` }
  return await new Promise((resolve) => {
    execFile("sh", ["-c", moved], { env, cwd: root }, (error, stdout, stderr) => {
      resolve({ code: Number(error?.code ?? 0), output: stdout + stderr })
    })
  })
}

/** A kubeadm that writes down how it was called, leaves traces, and ends with the given code. */
async function installKubeadm(code: number): Promise<void> {
  const pki = join(root, "etc/kubernetes/pki")
  const script = `#!/bin/sh
echo "$*" >>${root}/calls
case $1 in
init | join) mkdir -p ${pki}; echo made >${pki}/apiserver.crt; exit ${code} ;;
reset) rm -rf ${pki}/* ${root}/etc/kubernetes/manifests/* ;;
esac
`
  await writeFile(join(root, "bin/kubeadm"), script, { mode: 0o755 })
  await writeFile(join(root, "bin/ip"), "#!/bin/sh\nexit 1\n", { mode: 0o755 })
}

function step(name: string, overrides: Partial<PlanParts> = {}) {
  const found = bootstrapPlan({ ...parts, ...overrides }).steps.find((each) => each.name === name)
  if (!found) throw new Error(`find step ${name}: the plan has none of that name`)
  const { action } = found
  if (action.kind === "command" && typeof action.command !== "string") throw new Error("no script")
  return {
    command: action.kind === "command" ? String(action.command) : "",
    check: found.check ?? "",
    recover: found.recover ?? "",
  }
}

const input = (name: string): string => join(root, "etc/kubernetes/kubeadm", name)

test("an interrupted kubeadm counts as absent before it began, partial in between, done at its end", async () => {
  const init = step("kubeadm-init")
  expect(await run(init.check)).toMatchObject({ code: 1 })

  await installKubeadm(1)
  expect(await run(init.command)).toMatchObject({ code: 1 })
  expect(await run(init.check)).toMatchObject({ code: 2 })

  await installKubeadm(0)
  expect(await run(init.command)).toMatchObject({ code: 0 })
  expect(await run(init.check)).toMatchObject({ code: 0 })
})

test("recovering resets the host and gives back the files that kubeadm started from", async () => {
  const init = step("kubeadm-init", { verbosity: 5 })
  await mkdir(join(root, "etc/kubernetes/pki"), { recursive: true })
  await mkdir(join(root, "etc/kubernetes/manifests"), { recursive: true })
  await writeFile(join(root, "etc/kubernetes/pki/ca.crt"), "ours")
  await writeFile(join(root, "etc/kubernetes/manifests/vip.yaml"), "address")
  await installKubeadm(1)
  await run(init.command)

  expect(await run(init.recover)).toMatchObject({ code: 0 })

  expect(await readFile(join(root, "etc/kubernetes/pki/ca.crt"), "utf8")).toBe("ours")
  expect(await readFile(join(root, "etc/kubernetes/manifests/vip.yaml"), "utf8")).toBe("address")
  await expect(readFile(join(root, "etc/kubernetes/pki/apiserver.crt"))).rejects.toThrow("ENOENT")
  const calls = await readFile(join(root, "calls"), "utf8")
  expect(calls).toBe(`init --config ${input("kubeadm.yaml")} --v 5\nreset -f\n`)
})

test("a recovery whose reset failed fails", async () => {
  await writeFile(join(root, "bin/kubeadm"), "#!/bin/sh\nexit 3\n", { mode: 0o755 })

  expect(await run(step("kubeadm-join", { mode: "join-worker" }).recover)).toMatchObject({
    code: 1,
  })
})

test("users' commands find kubeadm's configuration where upstream has it, and may edit it", async () => {
  await run(step("prepare-directories").command)
  await writeFile(input("kubeadm.yaml"), "a: 1\n")

  await run("sed -i s/1/2/ /run/kubeadm/kubeadm.yaml")

  expect(await readFile(input("kubeadm.yaml"), "utf8")).toBe("a: 2\n")
})

test("the end of a plan leaves the success file and nothing of its input", async () => {
  await run(step("prepare-directories").command)
  await writeFile(input("kubeadm.yaml"), "secret")

  expect(await run(step("finish").command)).toMatchObject({ code: 0 })

  const sentinel = join(root, "run/cluster-api/bootstrap-success.complete")
  expect(await readFile(sentinel, "utf8")).toBe("success\n")
  await expect(readFile(input("kubeadm.yaml"))).rejects.toThrow("ENOENT")
  await expect(readFile(join(root, "run/kubeadm/kubeadm.yaml"))).rejects.toThrow("ENOENT")
})

test("commands run in the order that cloud-init runs them, and the plan is one that hosts accept", () => {
  const plan = bootstrapPlan({
    ...parts,
    mode: "join-worker",
    users: [{ name: "ops", sudo: "ALL=(ALL) NOPASSWD:ALL", sshAuthorizedKeys: ["ssh-ed25519 A"] }],
    bootCommands: ["a"],
    preCommands: ["b", "c"],
    postCommands: ["d"],
  })

  expect(parsePlan(plan).steps.map(({ name }) => name)).toEqual([
    "boot-command-1",
    "user-1",
    "prepare-directories",
    "write-files",
    "pre-kubeadm-command-1",
    "pre-kubeadm-command-2",
    "kubeadm-join",
    "post-kubeadm-command-1",
    "finish",
  ])
})
