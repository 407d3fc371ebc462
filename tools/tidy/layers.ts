/** A module: its level, and which rooms of the levels below it may import. */
export interface Layer {
  readonly level: number
  readonly imports: readonly string[]
  /** Node built-ins that its code (not its tests) may import, without `node:`. */
  readonly builtins: readonly string[] | "any"
}

const kinds = ["base", "meta", "apis", "client"]
const machinery = [...kinds, "pki", "schema", "controller", "workload"]

/**
 * The modules under `src/`, lowest first. A module imports downward only, never sideways, and only
 * what stands in its row: a new row or a new import is a decision, made here.
 */
export const layers: Readonly<Record<string, Layer>> = {
  base: { level: 0, imports: [], builtins: [] },
  store: { level: 1, imports: ["base"], builtins: "any" },
  remote: { level: 1, imports: ["base"], builtins: "any" },
  pki: { level: 1, imports: ["base"], builtins: ["crypto", "net", "util"] },
  schema: { level: 2, imports: ["base"], builtins: [] },
  meta: { level: 3, imports: ["base", "schema"], builtins: [] },
  apis: { level: 4, imports: ["base", "schema", "meta"], builtins: [] },
  apiserver: {
    level: 5,
    imports: ["base", "store", "pki", "schema", "meta", "apis"],
    // The HTTP edge; `crypto` for hashes of discovery and OpenAPI documents; a thread for YAML.
    builtins: ["crypto", "events", "http", "http2", "net", "tls", "util", "worker_threads", "zlib"],
  },
  client: {
    level: 5,
    imports: ["base", "pki", "meta"],
    builtins: ["http", "http2", "https", "net", "stream", "tls"],
  },
  controller: { level: 6, imports: ["base", "meta", "apis", "client"], builtins: [] },
  workload: {
    level: 6,
    imports: ["base", "pki", "meta", "apis", "client"],
    builtins: ["net", "stream", "tls"],
  },
  contract: {
    level: 7,
    imports: [...machinery, "remote"],
    // Pure functions on bytes: gzip in cloud-config, the hash that ties a plan to its text.
    builtins: ["crypto", "zlib"],
  },
  explain: { level: 7, imports: kinds, builtins: [] },
  system: { level: 7, imports: [...kinds, "pki", "apiserver", "controller"], builtins: [] },
  cluster: { level: 8, imports: [...machinery, "contract"], builtins: [] },
  "providers/kubeadm": {
    level: 8,
    // `remote` for the plan's types: it writes plans, it runs none.
    imports: [...machinery, "contract", "remote"],
    builtins: ["zlib"],
  },
  "providers/remote": {
    level: 8,
    imports: [...machinery, "contract", "remote"],
    // The artifact store is files; `net` tells addresses from names.
    builtins: [
      "crypto",
      "events",
      "fs",
      "fs/promises",
      "net",
      "path",
      "stream",
      "stream/promises",
      "zlib",
    ],
  },
  "providers/simulated": {
    level: 8,
    imports: [...machinery, "contract", "store", "apiserver", "system"],
    // Each simulated cluster listens on a port of its own and keeps users' objects in a file.
    builtins: ["crypto", "fs/promises", "net", "path"],
  },
  plane: {
    level: 9,
    imports: [
      ...machinery,
      "store",
      "apiserver",
      "system",
      "contract",
      "cluster",
      "explain",
      "remote",
      "providers/kubeadm",
      "providers/remote",
      "providers/simulated",
    ],
    builtins: "any",
  },
  cli: { level: 9, imports: ["base", "pki", "meta", "apis", "client", "explain"], builtins: "any" },
  main: { level: 10, imports: ["base", "plane", "cli"], builtins: "any" },
}

/** The module that a file under `src/` belongs to; undefined outside. */
export function moduleOf(path: string): string | undefined {
  const [top, first, second] = path.split("/")
  if (top !== "src" || !first) return undefined
  if (first === "main.ts") return "main"
  return first === "providers" ? `providers/${second ?? ""}` : first
}
