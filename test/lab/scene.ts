import { randomUUID } from "node:crypto"
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, onTestFailed } from "vitest"
import { flannelImage, testPodImage } from "../../lab/container-images.ts"
import type { ImageName } from "../../lab/machines.ts"
import { createTestLab, type Lab } from "../../lab/machines.ts"
import { imagePath } from "../../lab/images.ts"
import { labBinary } from "../../lab/paths.ts"
import { fixture, keySecret, Kubectl, runProgram, until } from "./kubectl.ts"
import { PlaneProcess } from "./plane-process.ts"

/** Why tests on lab machines cannot run here; undefined when they can, or must. */
export function missingLab(image: ImageName = "prepared"): string | undefined {
  if (process.env["MOTHERSHIP_TEST_REQUIRE"] === "all") return undefined
  if (process.getuid?.() !== 0) return "needs root"
  if (!imagePath(image) || !labBinary("kubectl")) return "needs: npm run lab -- build"
  return undefined
}

export const kubernetesVersion = "v1.34.4"

export interface MachineOptions {
  /** Fields of the RemoteMachine, over the machine's address and the lab's key. */
  readonly host?: object
  /** The KubeadmConfig's spec. */
  readonly config?: object
  readonly bootstrap?: object
  readonly version?: string
}

/** A lab of its own, a plane and kubectl: what a test file on real machines works with. */
export class Scene {
  readonly lab: Lab = createTestLab()
  readonly plane = new PlaneProcess()
  readonly kubectl = new Kubectl(() => this.plane.kubeconfig)
  readonly #files = join(tmpdir(), `mothership-scene-${randomUUID().slice(0, 8)}`)
  readonly #addresses = new Map<string, string>()
  readonly #planes = [this.plane]

  /** Everything is taken down after the last test of the file. */
  constructor() {
    afterAll(async () => {
      for (const plane of this.#planes) await plane.remove()
      await this.lab.down()
      rmSync(this.#files, { recursive: true, force: true })
    }, 180_000)
  }

  /** Machines of the lab, by name. */
  async machines(names: readonly string[], image: ImageName = "prepared"): Promise<void> {
    for (const { name, address } of await this.lab.up({ names, image })) {
      this.#addresses.set(name, address)
    }
  }

  /** Starts the plane and gives it the lab's SSH key as Secret `lab-key`. */
  async start(): Promise<void> {
    await this.plane.start()
    await this.kubectl.apply(keySecret("lab-key", readFileSync(this.lab.sshKey, "utf8")))
  }

  /** A second plane, independent of the first. */
  async anotherPlane(): Promise<{ readonly plane: PlaneProcess; readonly kubectl: Kubectl }> {
    const plane = new PlaneProcess()
    this.#planes.push(plane)
    await plane.start()
    const kubectl = new Kubectl(() => plane.kubeconfig)
    await kubectl.apply(keySecret("lab-key", readFileSync(this.lab.sshKey, "utf8")))
    return { plane, kubectl }
  }

  address(machine: string): string {
    const address = this.#addresses.get(machine)
    if (!address) throw new Error(`use machine ${machine}: it is not up`)
    return address
  }

  /** Our own command line, with the plane's kubeconfig. */
  mothership(...words: readonly string[]) {
    return this.command(...words, "--kubeconfig", this.plane.kubeconfig)
  }

  /** Our own command line. */
  command(...words: readonly string[]) {
    const program = join(import.meta.dirname, "../../mothership")
    return runProgram([process.execPath, program, ...words])
  }

  /** A file of this scene's own, removed with it. */
  file(name: string): string {
    mkdirSync(this.#files, { recursive: true, mode: 0o700 })
    return join(this.#files, name)
  }

  /** kubectl for a workload cluster, with the kubeconfig that the plane has made. */
  async workload(cluster: string): Promise<Kubectl> {
    await this.kubectl.wait(`secret/${cluster}-kubeconfig`, "create")
    const { data } = await this.kubectl.get("secret", `${cluster}-kubeconfig`)
    const file = this.file(`${cluster}.kubeconfig`)
    writeFileSync(file, Buffer.from(data?.["value"] ?? "", "base64"), { mode: 0o600 })
    return new Kubectl(() => file)
  }

  /** The pod network, made for the lab's images. */
  async installNetwork(workload: Kubectl, controlPlane: string): Promise<void> {
    const manifest = readFileSync(join(import.meta.dirname, "../../manifests/flannel.yaml"), "utf8")
    const endpoint = `- name: KUBERNETES_SERVICE_HOST
              value: "${this.address(controlPlane)}"
            - name: KUBERNETES_SERVICE_PORT
              value: "6443"
            - name: NODE_NAME`
    await workload.apply(
      manifest
        .replaceAll(/ghcr\.io\/flannel-io\/flannel:\S+/g, flannelImage)
        .replace("- name: NODE_NAME", endpoint),
    )
  }

  /** A fixture with the names of images and versions filled in. */
  yaml(name: string, values: Readonly<Record<string, string>> = {}): string {
    return fixture(name, { VERSION: kubernetesVersion, TEST_POD: testPodImage, ...values })
  }

  /** A cluster of one control plane machine, `NAME-0`. */
  singleYaml(name: string, machine: string, options: MachineOptions = {}): string {
    return this.yaml("single", {
      NAME: name,
      ADDRESS: this.address(machine),
      ...this.#machineValues(machine, options),
    })
  }

  /** One worker Machine. */
  workerYaml(name: string, cluster: string, machine: string, options: MachineOptions = {}): string {
    const configRef = { apiGroup: "bootstrap.cluster.x-k8s.io", kind: "KubeadmConfig", name }
    return this.yaml("worker", {
      NAME: name,
      CLUSTER: cluster,
      BOOTSTRAP: JSON.stringify(options.bootstrap ?? { configRef }),
      ...this.#machineValues(machine, options),
    })
  }

  #machineValues(machine: string, { host, config, version = kubernetesVersion }: MachineOptions) {
    const sshKeyRef = { name: "lab-key" }
    return {
      HOST: JSON.stringify({ address: this.address(machine), sshKeyRef, ...host }),
      CONFIG: JSON.stringify(config ?? { format: "cloud-config" }),
      KUBERNETES: version,
    }
  }

  /** The journals of all that made a machine a node, those of its preparation included. */
  journals(machine: string): readonly string[] {
    const directory = join(this.lab.root(machine), "var/lib/mothership")
    if (!existsSync(directory)) return []
    return readdirSync(directory)
      .map((claim) => join(directory, claim))
      .filter((claim) => statSync(claim).isDirectory())
      .flatMap((claim) => readdirSync(claim).map((plan) => join(claim, plan)))
      .filter((plan) => /\/(?:bootstrap|prepare-[0-9a-f]+)$/.test(plan))
      .map((plan) => join(plan, "journal"))
      .filter((journal) => existsSync(journal))
      .map((journal) => readFileSync(journal, "utf8"))
  }

  /** How often each step was started on a machine, by name. */
  starts(machine: string): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {}
    for (const line of this.journals(machine).join("").split("\n")) {
      const [word, step = ""] = line.split(" ")
      if (word === "started") counts[step] = (counts[step] ?? 0) + 1
    }
    return counts
  }

  /** Waits until the journal of a machine has a line that begins like this. */
  async journalSays(machine: string, beginning: string): Promise<void> {
    await until(`the journal of ${machine} says ${beginning}`, () =>
      this.journals(machine).some((text) =>
        text.split("\n").some((line) => `${line} `.startsWith(`${beginning} `)),
      ),
    )
  }

  /** If the test fails, prints what plane, objects and hosts say. Call it first in each test. */
  explainFailure(): void {
    onTestFailed(async () => {
      console.error(await this.#report())
    }, 60_000)
  }

  async #report(): Promise<string> {
    const resources =
      "cluster,machinedeployment,machineset,machine,kubeadmconfig,remotecluster,remotemachine,pooledremotemachine"
    const sections: string[] = []
    const add = (title: string, text: string): void => {
      sections.push(`===== ${title}\n${text.trim()}`)
    }
    if (this.plane.isRunning) {
      add("objects", (await this.kubectl.try(["get", resources, "-A", "-o", "wide"])).stdout)
      const objects = await this.kubectl.list(resources).catch(() => [])
      for (const { kind, metadata, status } of objects) {
        add(`${kind} ${metadata.name}`, JSON.stringify(status?.conditions ?? [], undefined, 1))
      }
    }
    for (const plane of this.#planes) add("plane's log", plane.log(60))
    for (const { name } of this.lab.status().machines) {
      add(`journals of ${name}`, this.journals(name).join("---\n"))
      if (!this.lab.isRunning(name)) continue
      const command = "journalctl -u kubelet -n 15 --no-pager; ps -eo args | grep '[k]ubeadm'"
      const said = await this.lab
        .tryRun(name, command, { timeoutMs: 10_000 })
        .catch(() => undefined)
      add(`kubelet of ${name}`, said?.stdout ?? "no answer")
    }
    return sections.join("\n")
  }
}
