import type { TableChange } from "#apiserver"
import { ConfigMapKind, ServiceAccountKind } from "#apis"
import { deepEqual } from "#base"
import type { Client } from "#client"
import { type ApiObject, ApiError, isAlreadyExists, isNotFound } from "#meta"
import { KeyedWorker } from "./keyed-worker.ts"
import { systemClient } from "./system-client.ts"
import type { SystemContext, SystemController } from "./system-context.ts"

const namespacesPrefix = "core/namespaces/"
const accountsPrefix = "core/serviceaccounts/"
const configMapsPrefix = "core/configmaps/"
const accountName = "default"
const rootCaName = "kube-root-ca.crt"
const description =
  "Contains a CA bundle that can be used to verify the API server of this cluster with in-cluster clients."

/**
 * Puts into every namespace what its inhabitants count on: the service account `default`, and the
 * config map `kube-root-ca.crt` that lets them trust the API server.
 */
export class NamespaceDefaults implements SystemController {
  readonly #context: SystemContext
  readonly #caPem: string
  readonly #client: Client
  readonly #worker: KeyedWorker
  #unsubscribe: (() => void) | undefined

  constructor(context: SystemContext, caPem: string) {
    this.#context = context
    this.#caPem = caPem
    this.#client = systemClient(context.server, "service-account-controller")
    this.#worker = new KeyedWorker({
      ...context,
      name: "namespace-defaults",
      work: (name) => this.#fill(name),
    })
  }

  start(): void {
    const { hub } = this.#context.server
    this.#unsubscribe = hub.subscribe((_table, change) => this.#take(change))
    for (const { name } of hub.table(namespacesPrefix).range()) this.#worker.add(name)
  }

  stop(): void {
    this.#unsubscribe?.()
    this.#worker.stop()
  }

  #take({ record, type }: TableChange): void {
    const { key, name, namespace } = record
    if (key.startsWith(namespacesPrefix)) {
      if (type === "added") this.#worker.add(name)
    } else if (key.startsWith(accountsPrefix)) {
      if (type === "deleted" && name === accountName) this.#worker.add(namespace)
    } else if (key.startsWith(configMapsPrefix)) {
      if (type !== "added" && name === rootCaName) this.#worker.add(namespace)
    }
  }

  async #fill(namespace: string): Promise<void> {
    const { hub } = this.#context.server
    const home = hub.table(namespacesPrefix).get(`${namespacesPrefix}/${namespace}`)
    if (!home || home.isDeleting) return
    if (!hub.table(accountsPrefix).get(`${accountsPrefix}${namespace}/${accountName}`)) {
      const account = { metadata: { name: accountName, namespace } }
      await unlessClosing(this.#client.create(ServiceAccountKind, account))
    }
    await this.#publishRootCa(namespace)
  }

  async #publishRootCa(namespace: string): Promise<void> {
    const table = this.#context.server.hub.table(configMapsPrefix)
    const current = table.get(`${configMapsPrefix}${namespace}/${rootCaName}`)?.object
    const data = { "ca.crt": this.#caPem }
    if (!current) {
      const annotations = { "kubernetes.io/description": description }
      const map = { metadata: { name: rootCaName, namespace, annotations }, data }
      await unlessClosing(this.#client.create(ConfigMapKind, map))
    } else if (!deepEqual((current as ApiObject & { data?: unknown }).data, data)) {
      await unlessClosing(this.#client.update(ConfigMapKind, { ...current, data }))
    }
  }
}

/**
 * A namespace that goes away meanwhile needs nothing any more; what is there is left to the feed.
 */
async function unlessClosing(write: Promise<unknown>): Promise<void> {
  try {
    await write
  } catch (error) {
    const isClosing =
      error instanceof ApiError &&
      error.details?.causes?.some((cause) => cause.reason === "NamespaceTerminating")
    if (!isClosing && !isNotFound(error) && !isAlreadyExists(error)) throw error
  }
}
