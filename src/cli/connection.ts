import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { type Logger, messageOf, silentLogger } from "#base"
import { Client, ConnectionError, HttpTransport, InformerSource } from "#client"
import { ObjectView } from "#explain"
import { type ApiTarget, isNotFound } from "#meta"
import { parseKubeconfig } from "#pki"
import { CommandError, type Environment } from "./environment.ts"

/** Names the writer in managed fields. */
const fieldManager = "mothership"

/** How long an answer may take until silence counts as one. */
const answerLimitMs = 2_000

export interface ConnectionOptions {
  /** Instead of `KUBECONFIG` and the plane's own. */
  readonly kubeconfig?: string | undefined
}

/** A way to a plane, or to a workload cluster. */
export class Connection {
  readonly server: string
  /** The namespace of the kubeconfig's context, else `default`. */
  readonly namespace: string
  readonly client: Client
  readonly #transport: HttpTransport
  readonly #environment: Environment
  #source: InformerSource | undefined
  #outage: { readonly text: string; readonly untilMs: number } | undefined

  constructor(environment: Environment, kubeconfig: string) {
    const connection = parseKubeconfig(kubeconfig)
    this.server = connection.server
    this.namespace = connection.namespace ?? "default"
    this.#environment = environment
    const { clock, version } = environment
    const userAgent = `mothership/${version}`
    this.#transport = new HttpTransport({ ...connection, clock, userAgent })
    this.client = new Client(this.#transport, { fieldManager })
  }

  /** A subresource that answers with text, piece by piece. */
  readText(
    target: ApiTarget,
    query: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): AsyncIterable<string> {
    return this.#transport.readText(target, query, signal)
  }

  /** The objects that explanations rest on, followed until the connection is closed. */
  async openView(): Promise<ObjectView> {
    const { clock } = this.#environment
    const failed = Promise.withResolvers<never>()
    const log = this.#log((error) => failed.reject(new CommandError(`read the plane: ${error}`)))
    this.#source ??= new InformerSource({ transport: this.#transport, clock, log })
    // What is refused at the first attempt (403, 404) is refused at all others.
    return await Promise.race([ObjectView.open(this.#source), failed.promise])
  }

  /** Why the view may be old; undefined while the plane answers. */
  get outage(): string | undefined {
    const { clock } = this.#environment
    return this.#outage && clock.now() < this.#outage.untilMs ? this.#outage.text : undefined
  }

  /** Each failure of a watch says when it is tried again: without another one it went well. */
  #log(onProblem: (error: string) => void): Logger {
    const log: Logger = {
      ...silentLogger,
      warn: (_, { error, delayMs } = {}) => {
        const text = `the plane does not answer, this is how it was: ${String(error)}`
        const untilMs = this.#environment.clock.now() + Number(delayMs) + answerLimitMs
        this.#outage = { text, untilMs }
        onProblem(String(error))
      },
      child: () => log,
    }
    return log
  }

  async close(): Promise<void> {
    await this.#source?.stop()
    this.#transport.close()
  }
}

/** What a printed command needs to mean that namespace: ` -n NAME`, or nothing. */
export function namespaceFlag(namespace: string, { namespace: home }: Connection): string {
  return namespace === home ? "" : ` -n ${namespace}`
}

/** Runs with a connection to the plane. Errors: `CommandError` that says how to start a plane. */
export async function withPlane<T>(
  environment: Environment,
  options: ConnectionOptions,
  use: (connection: Connection) => Promise<T>,
): Promise<T> {
  const file = kubeconfigFile(environment, options)
  const connection = new Connection(environment, await readKubeconfig(file))
  try {
    await refuseWithoutPlane(connection, file)
    return await use(connection)
  } finally {
    await connection.close()
  }
}

/** `--kubeconfig`, else the first of `KUBECONFIG`, else the one of the default data directory. */
export function kubeconfigFile(environment: Environment, options: ConnectionOptions): string {
  if (options.kubeconfig) return options.kubeconfig
  const [first] = (environment.variables["KUBECONFIG"] ?? "").split(":").filter(Boolean)
  return first ?? join(defaultDataDirectory(environment), "admin.kubeconfig")
}

export function defaultDataDirectory(environment: Environment): string {
  return join(environment.homeDirectory, ".mothership")
}

async function readKubeconfig(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8")
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") {
      throw new CommandError(`read ${file}: ${messageOf(error)}`, { cause: error })
    }
    throw new CommandError(
      `no plane: there is no ${file}. Start one with: mothership up\n` +
        "or name the kubeconfig of one that runs with --kubeconfig FILE or KUBECONFIG",
      { cause: error },
    )
  }
}

async function refuseWithoutPlane({ client, server }: Connection, file: string): Promise<void> {
  const { RemoteMachineKind } = await import("#apis")
  try {
    await client.list(RemoteMachineKind, { limit: 1 })
  } catch (error) {
    if (error instanceof ConnectionError) {
      throw new CommandError(
        `no plane answers at ${server} (${error.message}). Start one with: mothership up`,
        { cause: error },
      )
    }
    // KUBECONFIG often leads to some other cluster: nothing of ours belongs there.
    if (!isNotFound(error)) return
    throw new CommandError(
      `${server} is no plane: it serves no RemoteMachines. It comes from ${file}; name the ` +
        "plane's kubeconfig with --kubeconfig FILE, such as ~/.mothership/admin.kubeconfig",
      { cause: error },
    )
  }
}
