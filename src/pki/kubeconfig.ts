import { parse, stringify } from "yaml"
import { isObject } from "#base"
import { PkiError } from "./key-pair.ts"

/** How a user proves who it is: a client certificate or a bearer token. */
export type KubeconfigCredentials =
  | { readonly clientCertificatePem: string; readonly clientKeyPem: string }
  | { readonly token: string }

export type KubeconfigOptions = KubeconfigCredentials & {
  readonly clusterName: string
  /** `https://host:port`. */
  readonly server: string
  readonly caPem: string
  readonly user: string
}

/** One connection of a kubeconfig. Without `caPem` the system's trust applies. */
export interface KubeconfigConnection {
  readonly server: string
  readonly caPem?: string | undefined
  readonly clientCertificatePem?: string | undefined
  readonly clientKeyPem?: string | undefined
  readonly token?: string | undefined
  /** The name that the server's certificate must carry, when it is not the host of `server`. */
  readonly serverName?: string | undefined
  /** The namespace of the context, when it names one. */
  readonly namespace?: string | undefined
}

export interface KubeconfigReadOptions {
  /** Reads a file that the kubeconfig names; without it such a kubeconfig is refused. */
  readonly readFile?: ((path: string) => string) | undefined
  /** Instead of `current-context`. */
  readonly context?: string | undefined
}

/**
 * A kubeconfig with one cluster, one user and one context `user@cluster`, laid out as upstream's.
 */
export function buildKubeconfig(options: KubeconfigOptions): string {
  const { clusterName, user } = options
  const context = `${user}@${clusterName}`
  const credentials =
    "token" in options
      ? { token: options.token }
      : {
          "client-certificate-data": encode(options.clientCertificatePem),
          "client-key-data": encode(options.clientKeyPem),
        }
  return stringify(
    {
      apiVersion: "v1",
      clusters: [
        {
          cluster: {
            "certificate-authority-data": encode(options.caPem),
            server: options.server,
          },
          name: clusterName,
        },
      ],
      contexts: [{ context: { cluster: clusterName, user }, name: context }],
      "current-context": context,
      kind: "Config",
      preferences: {},
      users: [{ name: user, user: credentials }],
    },
    { lineWidth: 0 },
  )
}

/**
 * The connection of the current context. Errors: `PkiError` that names what is missing, and for
 * users that would run a program (`exec`, `auth-provider`) or skip verification: we do neither.
 */
export function parseKubeconfig(
  source: string,
  options: KubeconfigReadOptions = {},
): KubeconfigConnection {
  const config = parseYaml(source)
  const contextName = options.context ?? textOf(config["current-context"])
  if (!contextName) fail("no current-context")
  const context = named(config, "contexts", contextName, "context")
  const cluster = named(config, "clusters", textOf(context.cluster) ?? "", "cluster")
  const user = named(config, "users", textOf(context.user) ?? "", "user")
  for (const method of ["exec", "auth-provider"]) {
    if (user[method] !== undefined) {
      fail(`user ${JSON.stringify(context.user)} uses ${method}, which is not supported`)
    }
  }
  if (cluster["insecure-skip-tls-verify"] === true) {
    fail("insecure-skip-tls-verify is not supported")
  }
  const server = textOf(cluster.server)
  if (!server) fail(`cluster ${JSON.stringify(context.cluster)} has no server`)
  return {
    server,
    caPem: material(cluster, "certificate-authority", options),
    clientCertificatePem: material(user, "client-certificate", options),
    clientKeyPem: material(user, "client-key", options),
    token: textOf(user.token) ?? fileOf(user, "tokenFile", options)?.trim(),
    serverName: textOf(cluster["tls-server-name"]),
    namespace: textOf(context.namespace),
  }
}

function encode(pem: string): string {
  return Buffer.from(pem, "utf8").toString("base64")
}

function parseYaml(source: string): Record<string, unknown> {
  let config: unknown
  try {
    config = parse(source)
  } catch (cause) {
    throw new PkiError("read kubeconfig: not YAML", { cause })
  }
  if (!isObject(config)) fail("not a kubeconfig")
  return config
}

function named(
  config: Record<string, unknown>,
  list: string,
  name: string,
  member: string,
): Record<string, unknown> {
  const entries: readonly unknown[] = Array.isArray(config[list]) ? config[list] : []
  const entry = entries.find((candidate) => isObject(candidate) && candidate.name === name)
  const value = isObject(entry) ? entry[member] : undefined
  if (!isObject(value)) fail(`no entry ${JSON.stringify(name)} under ${list}`)
  return value
}

/** Inline base64 wins over a file, as in kubectl. */
function material(
  holder: Record<string, unknown>,
  field: string,
  options: KubeconfigReadOptions,
): string | undefined {
  const inline = textOf(holder[`${field}-data`])
  return inline === undefined
    ? fileOf(holder, field, options)
    : Buffer.from(inline, "base64").toString("utf8")
}

function fileOf(
  holder: Record<string, unknown>,
  field: string,
  options: KubeconfigReadOptions,
): string | undefined {
  const path = textOf(holder[field])
  if (path === undefined) return undefined
  if (!options.readFile) fail(`${field} names a file, which is not supported here`)
  return options.readFile(path)
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined
}

function fail(problem: string): never {
  throw new PkiError(`read kubeconfig: ${problem}`)
}
