import { type Clock, type Logger, systemClock } from "#base"
import { ApiServer, seedCluster } from "#apiserver"
import { customKinds, RemoteMachineKind } from "#apis"
import { clusterControllers, clusterRules } from "#cluster"
import { type Access, type Controller, CrdKindResolver, Manager } from "#controller"
import type { ApiTransport, UserInfo } from "#meta"
import { kubeadmControllers, kubeadmRules } from "#providers/kubeadm"
import { remoteControllers, remoteRules } from "#providers/remote"
import { simulatedControllers, SimulatedFleet } from "#providers/simulated"
import { openSqliteStore, type Store } from "#store"
import { SystemControllers } from "#system"
import { WorkloadClusters } from "#workload"
import { collectDefaultMetrics, Registry } from "prom-client"
import { artifactsDirectory } from "./artifacts.ts"
import { DataDirectory, storeFile } from "./data-directory.ts"
import { readEpoch } from "./epoch.ts"
import { adminKubeconfig, type Identity, loadIdentity } from "./identity.ts"
import { machineLogs } from "./machine-logs.ts"

export interface PlaneOptions {
  readonly dataDirectory: string
  readonly host: string
  readonly port: number
  readonly clock?: Clock | undefined
  readonly log: Logger
}

/** The Kubernetes version whose API we serve. */
const servedVersion = "v1.34.4"

/** The file with the administrator's kubeconfig, in the data directory. */
const adminKubeconfigFile = "admin.kubeconfig"

/** Everything in one process: store, API server, controllers, providers. */
export class Plane {
  readonly url: string
  readonly directory: DataDirectory
  readonly #parts: readonly { stop(): Promise<unknown> }[]

  private constructor(
    url: string,
    directory: DataDirectory,
    parts: readonly { stop(): Promise<unknown> }[],
  ) {
    this.url = url
    this.directory = directory
    this.#parts = parts
  }

  get kubeconfigFile(): string {
    return this.directory.file(adminKubeconfigFile)
  }

  /**
   * Starts a plane on its data directory. Errors: `DataDirectoryError`, `StoreError` (another plane
   * has it open, or it is damaged), the socket's (`EADDRINUSE`). What was started is stopped again.
   */
  static async start(options: PlaneOptions): Promise<Plane> {
    const { clock = systemClock, log, host, port } = options
    const directory = await DataDirectory.open(options.dataDirectory)
    const parts: { stop(): Promise<unknown> }[] = []
    try {
      const store = await openSqliteStore({ file: directory.file(storeFile), clock, log })
      parts.unshift({ stop: () => store.close() })
      const identity = await loadIdentity({ directory, clock, hosts: [host] })
      const { server, registry } = apiServer(store, identity, { clock, log })
      await server.start()
      parts.unshift(server)
      await seedCluster(server, customKinds)
      const caPem = identity.authority.certificatePem
      const system = new SystemControllers({ server, clock, log, caPem })
      await system.start()
      parts.unshift(system)
      parts.unshift(...(await startControllers({ server, directory, registry, clock, log })))
      const address = await server.listen({
        host,
        port,
        ...identity.serving,
        clientAuthorityPem: caPem,
      })
      const url = `https://${address.host}:${address.port}`
      await directory.write(adminKubeconfigFile, adminKubeconfig(identity, url))
      return new Plane(url, directory, parts)
    } catch (error) {
      for (const part of parts) await part.stop()
      throw error
    }
  }

  /** Stops in the opposite order of the start; what is being written is finished. */
  async stop(): Promise<void> {
    for (const part of this.#parts) await part.stop()
  }
}

function apiServer(
  store: Store,
  identity: Identity,
  { clock, log }: { readonly clock: Clock; readonly log: Logger },
): { readonly server: ApiServer; readonly registry: Registry } {
  const registry = new Registry()
  // Memory, CPU, and how late the event loop is.
  collectDefaultMetrics({ register: registry })
  const server = new ApiServer({
    store,
    clock,
    log,
    version: servedVersion,
    tokens: identity.tokens,
    kinds: customKinds,
    rules: [...clusterRules, ...kubeadmRules, ...remoteRules],
    metrics: () => registry.metrics(),
  })
  server.subresources.add(RemoteMachineKind, "logs", machineLogs({ server, clock, log }))
  return { server, registry }
}

interface ControllerOptions {
  readonly server: ApiServer
  readonly directory: DataDirectory
  readonly registry: Registry
  readonly clock: Clock
  readonly log: Logger
}

async function startControllers(
  options: ControllerOptions,
): Promise<readonly { stop(): Promise<unknown> }[]> {
  const { server, directory, registry, clock, log } = options
  const caches = server.caches
  const workloads = new WorkloadClusters({ caches, clock, log })
  await workloads.start()
  const fleet = new SimulatedFleet()
  const simulated = await directory.directory("simulated")
  const controllers: readonly Controller[] = [
    ...clusterControllers({ workloads, caches }),
    ...kubeadmControllers({ workloads }),
    ...remoteControllers({
      workloads,
      artifacts: await directory.directory(artifactsDirectory),
      epoch: await readEpoch(directory.path),
    }),
    ...simulatedControllers({ fleet, directory: simulated }),
  ]
  const manager = new Manager({
    controllers,
    transport: (access) => controllerTransport(server, access),
    caches,
    clock,
    log,
    registry,
    resolver: new CrdKindResolver(caches),
  })
  await manager.start()
  return [manager, workloads, fleet]
}

/** Every controller is a user of its own, so that audit and managed fields name it. */
function controllerTransport(server: ApiServer, access: Access): ApiTransport {
  const user: UserInfo = {
    name: `system:controller:${access.name}`,
    groups: ["system:masters", "system:authenticated"],
  }
  return server.transport(user, access.fieldManager)
}
