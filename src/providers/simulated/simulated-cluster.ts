import type { Clock, Logger, Timer } from "#base"
import { ApiServer, storedObject } from "#apiserver"
import { issueCertificate, TokenSigner, TokenVerifier } from "#pki"
import { openMemoryStore, RevisionConflictError, type Store } from "#store"
import {
  type ClusterFacts,
  clusterObjects,
  machineObjects,
  type SimulatedMachine,
} from "./cluster-objects.ts"
import { addEviction } from "./eviction.ts"
import type { UserObjects } from "./user-objects.ts"

/** The keys of a cluster, from its Secrets. */
export interface ClusterKeys {
  readonly caCertificatePem: string
  readonly caPrivateKeyPem: string
  readonly serviceAccountKeyPem: string
}

export interface SimulatedClusterOptions {
  readonly facts: ClusterFacts
  readonly keys: ClusterKeys
  readonly version: string
  readonly host: string
  readonly port: number
  readonly userObjects: UserObjects
  readonly clock: Clock
  readonly log: Logger
}

const issuer = "https://kubernetes.default.svc.cluster.local"
const servingValidityDays = 365
const saveDelayMs = 200
const decoder = new TextDecoder()

/**
 * A cluster that exists only in memory but answers a real Kubernetes API. What it is made of is
 * derived from the Dev objects; what users add is kept in a file and put back at the next start.
 */
export class SimulatedCluster {
  readonly #options: SimulatedClusterOptions
  readonly #store: Store
  readonly #server: ApiServer
  readonly #derived = new Set<string>()
  #saving: Timer | undefined
  #stopSaving: (() => void) | undefined

  private constructor(options: SimulatedClusterOptions) {
    const { clock, log, version, keys } = options
    this.#options = options
    this.#store = openMemoryStore({ clock })
    this.#server = new ApiServer({
      store: this.#store,
      clock,
      log,
      version,
      tokens: {
        issuer,
        signer: new TokenSigner({ privateKeyPem: keys.serviceAccountKeyPem, issuer }),
        verifier: new TokenVerifier({ publicKeysPem: [keys.serviceAccountKeyPem], issuer }),
      },
    })
    addEviction(this.#server)
  }

  /**
   * Starts the cluster with these machines in it, so that no client ever sees it without them.
   * Errors: the socket's (`EADDRINUSE`).
   */
  static async start(
    options: SimulatedClusterOptions,
    machines: readonly SimulatedMachine[],
  ): Promise<SimulatedCluster> {
    const cluster = new SimulatedCluster(options)
    await cluster.#fill(machines)
    await cluster.#server.start()
    await cluster.#listen()
    cluster.#stopSaving = cluster.#server.hub.subscribe((_table, change) => {
      if (!cluster.#derived.has(change.record.key)) cluster.#saveSoon()
    })
    return cluster
  }

  /** Makes the machine's Node appear; one that is there stays as it is. */
  async addMachine(machine: SimulatedMachine): Promise<void> {
    for (const { group, plural, object } of machineObjects(this.#options.facts, machine)) {
      const { key, value } = storedObject(group, plural, object)
      this.#derived.add(key)
      await this.#create(key, value)
    }
  }

  /** Removes what the machine brought. */
  async removeMachine(machine: SimulatedMachine): Promise<void> {
    for (const { group, plural, object } of machineObjects(this.#options.facts, machine)) {
      const { key } = storedObject(group, plural, object)
      const entry = await this.#store.get(key)
      if (entry) await this.#store.delete(key, entry.revision).catch(ignoreConflict)
    }
  }

  async stop(): Promise<void> {
    this.#stopSaving?.()
    const isUnsaved = this.#saving !== undefined
    this.#saving?.cancel()
    await this.#server.stop()
    if (isUnsaved) await this.#save()
    await this.#store.close()
  }

  async #fill(machines: readonly SimulatedMachine[]): Promise<void> {
    const { facts, version, userObjects } = this.#options
    const derived = [
      ...clusterObjects(facts, version),
      ...machines.flatMap((machine) => machineObjects(facts, machine)),
    ]
    for (const { group, plural, object } of derived) {
      const { key, value } = storedObject(group, plural, object)
      this.#derived.add(key)
      await this.#create(key, value)
    }
    for (const { key, value } of await userObjects.load()) {
      await this.#create(key, Buffer.from(value))
    }
  }

  async #create(key: string, value: Uint8Array): Promise<void> {
    await this.#store.put(key, value, 0).catch(ignoreConflict)
  }

  async #listen(): Promise<void> {
    const { keys, host, port, clock } = this.#options
    const authority = {
      certificatePem: keys.caCertificatePem,
      privateKeyPem: keys.caPrivateKeyPem,
    }
    const serving = await issueCertificate(authority, {
      commonName: "kube-apiserver",
      dnsNames: ["localhost", "kubernetes", "kubernetes.default.svc"],
      ipAddresses: [host],
      usages: ["server"],
      validityDays: servingValidityDays,
      keyKind: "p-256",
      nowMs: clock.now(),
    })
    await this.#server.listen({
      host,
      port,
      ...serving,
      clientAuthorityPem: keys.caCertificatePem,
    })
  }

  #saveSoon(): void {
    this.#saving ??= this.#options.clock.after(saveDelayMs, () => {
      this.#saving = undefined
      this.#save().catch((error: unknown) => {
        this.#options.log.error("objects of a simulated cluster cannot be saved", {
          cluster: this.#options.facts.name,
          error: String(error),
        })
      })
    })
  }

  async #save(): Promise<void> {
    const { entries } = await this.#store.list("")
    const users = entries.filter(({ key }) => !this.#derived.has(key))
    await this.#options.userObjects.save(
      users.map(({ key, value }) => ({ key, value: decoder.decode(value) })),
    )
  }
}

function ignoreConflict(error: unknown): void {
  if (!(error instanceof RevisionConflictError)) throw error
}
