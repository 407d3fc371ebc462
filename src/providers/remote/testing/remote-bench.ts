import { mkdtemp, readdir, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"

import {
  claimAnnotation,
  ClusterKind,
  customKinds,
  label,
  MachineKind,
  type PooledRemoteMachine,
  PooledRemoteMachineKind,
  type RemoteMachine,
  RemoteMachineKind,
  SecretKind,
} from "#apis"
import { TestServer } from "#apiserver/testing"
import { silentLogger, systemClock } from "#base"
import { Client, type Manifest } from "#client"
import { Manager } from "#controller"
import { findCondition, type KindRef, type ObjectKey } from "#meta"
import { TestSshd } from "#remote/testing"
import { WorkloadClusters } from "#workload"

import { type RemoteControllerOptions, remoteControllers, remoteRules } from "../index.ts"

const namespace = "default"

interface Running {
  readonly manager: Manager
  readonly workloads: WorkloadClusters
}

/** A real API server, real controllers and a real sshd on this machine, for one test. */
export class RemoteBench implements AsyncDisposable {
  readonly server: TestServer
  readonly client: Client
  readonly sshd: TestSshd
  readonly directory: string
  #running: Running | undefined

  private constructor(server: TestServer, sshd: TestSshd, directory: string) {
    this.server = server
    this.client = new Client(server.transport(), { fieldManager: "test" })
    this.sshd = sshd
    this.directory = directory
  }

  static async start(sshd?: TestSshd): Promise<RemoteBench> {
    const directory = await mkdtemp(join(tmpdir(), "mothership-remote-"))
    const server = await TestServer.start({ kinds: customKinds, rules: remoteRules })
    const bench = new RemoteBench(server, sshd ?? (await TestSshd.start()), directory)
    await bench.#addCluster()
    return bench
  }

  /** Where the hosts of this bench note that they succeeded. */
  get sentinel(): string {
    return join(this.directory, "sentinel")
  }

  get artifacts(): string {
    return join(this.directory, "artifacts")
  }

  /** Starts a plane's controllers; the host counts as another machine unless told otherwise. */
  async startControllers(options: Partial<RemoteControllerOptions> = {}): Promise<void> {
    const { caches } = this.server.server
    const workloads = new WorkloadClusters({ caches, clock: systemClock, log: silentLogger })
    await workloads.start()
    const controllers = remoteControllers({
      workloads,
      artifacts: this.artifacts,
      layout: this.sshd.layout,
      sentinel: this.sentinel,
      isOwnHost: () => Promise.resolve(false),
      ...options,
    })
    const manager = new Manager({
      controllers,
      transport: ({ name, fieldManager }) =>
        this.server.transport(
          { name: `controller:${name}`, groups: ["system:masters"] },
          fieldManager,
        ),
      caches,
      clock: systemClock,
      log: silentLogger,
    })
    await manager.start()
    this.#running = { manager, workloads }
  }

  /** What the death of a plane's process does to its controllers: hosts hear nothing of it. */
  async stopControllers(): Promise<void> {
    const running = this.#running
    this.#running = undefined
    await running?.manager.stop()
    await running?.workloads.stop()
  }

  async #addCluster(): Promise<void> {
    await this.client.create(ClusterKind, {
      metadata: { name: "edge", namespace },
      spec: { controlPlaneEndpoint: { host: "127.0.0.1", port: 1 } },
    })
    const body = { status: { initialization: { infrastructureProvisioned: true } } }
    await this.client.patch(
      ClusterKind,
      { namespace, name: "edge" },
      { type: "merge", body },
      { subresource: "status" },
    )
    await this.addSecret("key", { value: this.sshd.privateKey })
  }

  async addSecret(name: string, values: Readonly<Record<string, string>>): Promise<void> {
    const data = Object.fromEntries(
      Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString("base64")]),
    )
    await this.client.create(SecretKind, { metadata: { name, namespace }, data })
  }

  /** A cloud-config that runs these commands and then says that it succeeded. */
  cloudConfig(...commands: readonly string[]): string {
    const all = [...commands, `echo success > ${this.sentinel}`]
    const lines = all.map((command) => `- ${JSON.stringify(command)}\n`)
    return `#cloud-config\nruncmd:\n${lines.join("")}`
  }

  /** A Machine with its bootstrap data, and the RemoteMachine that it owns. */
  async addMachine(
    name: string,
    bootstrap: string | Readonly<Record<string, string>>,
    more: Partial<Manifest<RemoteMachine>> = {},
  ): Promise<RemoteMachine> {
    const machine = await this.addEarlyMachine(name, more)
    await this.giveData(name, bootstrap)
    return machine
  }

  async giveData(
    name: string,
    bootstrap: string | Readonly<Record<string, string>>,
  ): Promise<void> {
    const dataSecretName = `${name}-data`
    await this.addSecret(
      dataSecretName,
      typeof bootstrap === "string" ? { value: bootstrap } : bootstrap,
    )
    const body = { spec: { bootstrap: { dataSecretName } } }
    await this.client.patch(MachineKind, { namespace, name }, { type: "merge", body })
  }

  /** A Machine without bootstrap data, and the RemoteMachine that it owns. */
  async addEarlyMachine(
    name: string,
    more: Partial<Manifest<RemoteMachine>> = {},
    isControlPlane = false,
  ): Promise<RemoteMachine> {
    const labels = {
      [label.clusterName]: "edge",
      ...(isControlPlane ? { [label.controlPlane]: "" } : {}),
    }
    const configRef = { apiGroup: "bootstrap.cluster.x-k8s.io", kind: "KubeadmConfig", name }
    const machine = await this.client.create(MachineKind, {
      metadata: { name, namespace, labels },
      spec: {
        clusterName: "edge",
        bootstrap: { configRef },
        infrastructureRef: { apiGroup: RemoteMachineKind.group, kind: "RemoteMachine", name },
      },
    })
    const { uid = "" } = machine.metadata
    const owner = { apiVersion: "cluster.x-k8s.io/v1beta2", kind: "Machine", name, uid }
    return this.client.create(RemoteMachineKind, {
      ...more,
      metadata: { name, namespace, labels, ownerReferences: [owner], ...more.metadata },
      spec: more.spec ?? this.hostSpec(),
    })
  }

  /** How the bench's host is reached, with what differs. */
  hostSpec(
    more: Partial<NonNullable<RemoteMachine["spec"]>> = {},
  ): NonNullable<RemoteMachine["spec"]> {
    const { address, port, user } = this.sshd.address
    return {
      address,
      port,
      user,
      commandsAsScript: false,
      workingDir: "/etc/k0smotron",
      sshKeyRef: { name: "key" },
      cleanUpCommands: [`rm -f ${this.sentinel}`],
      ...more,
    }
  }

  async addPooledHost(
    name: string,
    more: Partial<NonNullable<RemoteMachine["spec"]>> = {},
  ): Promise<PooledRemoteMachine> {
    const { address, port, user, workingDir, commandsAsScript, sshKeyRef, cleanUpCommands } = {
      ...this.hostSpec(),
      ...more,
    }
    return this.client.create(PooledRemoteMachineKind, {
      metadata: { name, namespace },
      spec: {
        pool: "rack",
        machine: {
          address: address ?? "",
          port,
          user,
          workingDir,
          commandsAsScript,
          sshKeyRef: sshKeyRef ?? { name: "key" },
          cleanUpCommands,
        },
      },
    })
  }

  /** What a RemoteMachine of the pool is made with. */
  pooledSpec(): NonNullable<RemoteMachine["spec"]> {
    return {
      pool: "rack",
      port: 22,
      user: "root",
      commandsAsScript: false,
      workingDir: "/etc/k0smotron",
    }
  }

  /** Resolves with the object as soon as it is as wanted; `undefined` is one that is gone. */
  async until<T extends { readonly metadata: { readonly name: string } }>(
    kind: KindRef<T>,
    name: string,
    isWanted: (object: T | undefined) => boolean,
  ): Promise<T | undefined> {
    const cache = await this.server.server.caches.cache(kind)
    return new Promise((resolve) => {
      const look = (): void => {
        const object = cache.get(namespace, name)
        if (!isWanted(object)) return
        unsubscribe()
        resolve(object)
      }
      const unsubscribe = cache.subscribe(look)
      look()
    })
  }

  /** Resolves with the machine once its Ready condition has that reason. */
  async untilReady(name: string, reason = "Ready"): Promise<RemoteMachine> {
    const machine = await this.until(
      RemoteMachineKind,
      name,
      (object) => object !== undefined && findCondition(object, "Ready")?.reason === reason,
    )
    if (!machine) throw new Error(`RemoteMachine ${name} is gone`)
    return machine
  }

  /** Resolves once the machine's bootstrap is at that step. */
  async untilStep(name: string, step: string): Promise<void> {
    const isThere = (machine: RemoteMachine | undefined): boolean =>
      machine?.status?.bootstrap?.currentStep === step
    await this.until(RemoteMachineKind, name, isThere)
  }

  async untilGone(name: string): Promise<void> {
    await this.until(RemoteMachineKind, name, (object) => object === undefined)
  }

  machine(name: string): Promise<RemoteMachine> {
    return this.client.get(RemoteMachineKind, { namespace, name })
  }

  host(name: string): Promise<PooledRemoteMachine> {
    return this.client.get(PooledRemoteMachineKind, { namespace, name })
  }

  async annotate(
    kind: KindRef,
    name: string,
    annotations: Readonly<Record<string, string | null>>,
  ): Promise<void> {
    const key: ObjectKey = { namespace, name }
    await this.client.patch(kind as KindRef<RemoteMachine>, key, {
      type: "merge",
      body: { metadata: { annotations } },
    })
  }

  async deleteMachine(name: string): Promise<void> {
    await this.client.delete(RemoteMachineKind, { namespace, name })
  }

  /** The journal of a machine's bootstrap, as it lies on the host. */
  async journal(machine: RemoteMachine): Promise<string> {
    const claim = machine.metadata.annotations?.[claimAnnotation] ?? ""
    return readFile(join(this.sshd.layout.rootDir, claim, "bootstrap/journal"), "utf8")
  }

  /** Names of the steps that were started to make a machine's host a node, in order. */
  async startedSteps(machine: RemoteMachine): Promise<readonly string[]> {
    const claim = machine.metadata.annotations?.[claimAnnotation] ?? ""
    const directory = join(this.sshd.layout.rootDir, claim)
    const plans = await readdir(directory)
    const names = [...plans.filter((plan) => plan.startsWith("prepare-")), "bootstrap"]
    const journals = await Promise.all(
      names.map((plan) => readFile(join(directory, plan, "journal"), "utf8").catch(() => "")),
    )
    return [...journals.join("").matchAll(/^started (\S+) /gm)].map(([, name]) => name ?? "")
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stopControllers()
    await this.server[Symbol.asyncDispose]()
    await this.sshd.stop()
    await rm(this.directory, { recursive: true, force: true })
  }
}

/** Message of a condition; empty when it is not there. */
export function messageOf(object: RemoteMachine | PooledRemoteMachine, type = "Ready"): string {
  return findCondition(object, type)?.message ?? ""
}
