import type { Clock, Logger, Timer } from "#base"
import { ApiServer, storedObject } from "#apiserver"
import { issueCertificate, TokenSigner, TokenVerifier } from "#pki"
import { openMemoryStore, type Revision, RevisionConflictError, type Store } from "#store"
import { SystemControllers } from "#system"
import {
  type ClusterFacts,
  clusterObjects,
  type Derived,
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
 * derived from the Dev objects; what users do to it is kept in a file and put back at the next
 * start.
 */
export class SimulatedCluster {
  readonly #options: SimulatedClusterOptions
  readonly #store: Store
  readonly #server: ApiServer
  /** What we made ourselves, with the revision that we gave it. */
  readonly #derived = new Map<string, Revision>()
  #system: SystemControllers | undefined
  #systemStart: Promise<void> = Promise.resolve()
  #saving: Timer | undefined
  #hasFile = false
  #unsubscribe: (() => void) | undefined

  private constructor(options: SimulatedClusterOptions) {
    const { clock, log, version, keys } = options
    this.#options = options
    // The wall clock is ahead of every revision that an earlier start has given out.
    this.#store = openMemoryStore({ clock, firstRevision: clock.now() })
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
   * Errors: the socket's (`EADDRINUSE`), the file's.
   */
  static async start(
    options: SimulatedClusterOptions,
    machines: readonly SimulatedMachine[],
  ): Promise<SimulatedCluster> {
    const cluster = new SimulatedCluster(options)
    try {
      await cluster.#fill(machines)
      await cluster.#server.start()
      await cluster.#listen()
    } catch (error) {
      await cluster.stop()
      throw error
    }
    cluster.#unsubscribe = cluster.#server.hub.subscribe((_table, { record }) =>
      cluster.#onChange(record.key, record.revision),
    )
    return cluster
  }

  /** Makes the machine's objects appear; those that are there stay as they are. */
  async addMachine(machine: SimulatedMachine): Promise<void> {
    await this.#derive(machineObjects(this.#options.facts, machine))
  }

  /** Removes what the machine brought. */
  async removeMachine(machine: SimulatedMachine): Promise<void> {
    for (const { group, plural, object } of machineObjects(this.#options.facts, machine)) {
      const { key } = storedObject(group, plural, object)
      this.#derived.delete(key)
      const entry = await this.#store.get(key)
      if (entry) await this.#store.delete(key, entry.revision).catch(ignoreConflict)
    }
  }

  /** Saves what users did and lets go of the address. */
  async stop(): Promise<void> {
    this.#unsubscribe?.()
    const isUnsaved = this.#saving !== undefined
    this.#saving?.cancel()
    await this.#systemStart
    await this.#system?.stop()
    await this.#server.stop()
    if (isUnsaved) await this.#save()
    await this.#store.close()
  }

  async #fill(machines: readonly SimulatedMachine[]): Promise<void> {
    const { facts, version, userObjects } = this.#options
    await this.#derive(clusterObjects(facts, version))
    for (const machine of machines) await this.#derive(machineObjects(facts, machine))
    const saved = await userObjects.load()
    this.#hasFile = saved.length > 0
    for (const { key, value, isDerived } of saved) {
      const expected = isDerived ? this.#derived.get(key) : 0
      if (expected !== undefined) await this.#put(key, Buffer.from(value), expected)
    }
    if (saved.some(({ key }) => isUsers(key))) this.#startSystem()
  }

  async #derive(objects: readonly Derived[]): Promise<void> {
    for (const { group, plural, object } of objects) {
      const { key, value } = storedObject(group, plural, object)
      if (this.#derived.has(key)) continue
      const revision = await this.#put(key, value, 0)
      if (revision !== undefined) this.#derived.set(key, revision)
    }
  }

  async #put(key: string, value: Uint8Array, expected: Revision): Promise<Revision | undefined> {
    try {
      return await this.#store.put(key, value, expected)
    } catch (error) {
      return ignoreConflict(error)
    }
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

  #onChange(key: string, revision: Revision): void {
    if (this.#derived.get(key) === revision) return
    if (isUsers(key) && !this.#derived.has(key)) this.#startSystem()
    this.#saveSoon()
  }

  /**
   * Namespace deletion, garbage collection and the rest begin with the first object that a user
   * puts in: a cluster of a fleet that nobody looks into costs nothing for them.
   */
  #startSystem(): void {
    if (this.#system) return
    const { clock, log, keys } = this.#options
    const caPem = keys.caCertificatePem
    const system = new SystemControllers({ server: this.#server, clock, log, caPem })
    this.#system = system
    this.#systemStart = system.start().catch((error: unknown) => {
      log.error("controllers of a simulated cluster cannot be started", {
        cluster: this.#options.facts.name,
        error: String(error),
      })
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
    const changed = entries.filter(({ key, revision }) => this.#derived.get(key) !== revision)
    if (changed.length === 0 && !this.#hasFile) return
    this.#hasFile = true
    await this.#options.userObjects.save(
      changed.map(({ key, value }) => ({
        key,
        value: decoder.decode(value),
        isDerived: this.#derived.has(key),
      })),
    )
  }
}

/** False for what controllers of a management cluster write: bootstrap tokens and Nodes. */
function isUsers(key: string): boolean {
  return (
    !key.startsWith("core/nodes/") && !key.startsWith("core/secrets/kube-system/bootstrap-token-")
  )
}

function ignoreConflict(error: unknown): undefined {
  if (!(error instanceof RevisionConflictError)) throw error
  return undefined
}
