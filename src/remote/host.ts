/** Where a host is and who we are there. */
export interface HostAddress {
  readonly address: string
  readonly port: number
  readonly user: string
  /** Become root through `sudo -n`; of no meaning for root. */
  readonly useSudo: boolean
}

export interface HostCredentials {
  /** PEM, OpenSSH or PPK text. */
  readonly privateKey: string
  readonly passphrase?: string | undefined
}

/** Which host key is accepted. Fingerprints are written as OpenSSH writes them: `SHA256:…`. */
export type HostKeyPolicy =
  | { readonly kind: "pinned"; readonly fingerprint: string }
  | { readonly kind: "pin-on-first-contact" }

/** Where our files lie on a host, and which paths say that it is somebody's. */
export interface HostLayout {
  readonly rootDir: string
  readonly statePaths: readonly string[]
}

export const defaultHostLayout: HostLayout = {
  rootDir: "/var/lib/mothership",
  statePaths: [
    "/etc/kubernetes/kubelet.conf",
    "/etc/kubernetes/bootstrap-kubelet.conf",
    "/etc/kubernetes/admin.conf",
    "/var/lib/kubelet/config.yaml",
    "/var/lib/etcd/member",
    "/var/lib/k0s/pki",
    "/var/lib/k0s/kubelet.conf",
    "/var/lib/k0s/kubelet-bootstrap.conf",
    "/etc/systemd/system/k0scontroller.service",
    "/etc/systemd/system/k0sworker.service",
    "/etc/init.d/k0scontroller",
    "/etc/init.d/k0sworker",
    "/var/lib/rancher/k3s/agent",
    "/var/lib/rancher/rke2/agent",
  ],
}

export interface RunOptions {
  readonly timeoutMs: number
  readonly stdin?: string | Uint8Array | undefined
  /** How much of the end of each stream is kept; 1 MiB unless given. */
  readonly maxOutputBytes?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** Output is what the host said, not redacted: pass it through `redact` before a person sees it. */
export interface RunResult {
  /** 128 plus the signal's number when a signal ended the script, as a shell would say. */
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
  /** True when only the end of a stream was kept. */
  readonly truncated: boolean
}

export interface StreamContent {
  readonly stream: AsyncIterable<Uint8Array>
  readonly sizeBytes: number
  /** Lower-case hexadecimal; verified on the host when given. */
  readonly sha256?: string | undefined
}

export type UploadContent = string | Uint8Array | StreamContent

export interface UploadOptions {
  /** Octal, such as `0600`. */
  readonly mode: string
  /** `user` or `user:group`; root unless given. */
  readonly owner?: string | undefined
  readonly signal?: AbortSignal | undefined
  readonly progress?: ((sentBytes: number) => void) | undefined
}

/** What a host says about itself. Text that it does not know is empty. */
export interface HostFacts {
  readonly hostname: string
  readonly operatingSystem: {
    /** `ID` of os-release, such as `debian`. */
    readonly id: string
    readonly version: string
    readonly prettyName: string
  }
  /** As Go and container images name it: `amd64`, `arm64`, …; else what `uname -m` says. */
  readonly architecture: string
  readonly kernel: string
  readonly init: "systemd" | "other"
  readonly cgroupVersion: 1 | 2
  readonly machineId: string
  /** Changes with every boot. */
  readonly bootId: string
  readonly cpus: number
  readonly memoryBytes: number
  readonly swapBytes: number
  /** Global addresses of its interfaces, in the kernel's order; empty without `ip`. */
  readonly addresses: readonly string[]
  /** The claim that owns the host. */
  readonly owner: string | undefined
  /** Paths that show Kubernetes or k0s state. */
  readonly statePaths: readonly string[]
}

/** A connected host. Everything runs as root; every operation is bounded in time. */
export interface Host {
  readonly address: HostAddress
  readonly layout: HostLayout
  /** The key that the host showed, for the caller to keep when it was a first contact. */
  readonly hostKeyFingerprint: string
  /** Aborted once the connection is gone, with the error that says why. */
  readonly closed: AbortSignal
  facts(): Promise<HostFacts>
  /** Runs a POSIX `sh` script; script and standard input never appear in a process list. */
  run(script: string, options: RunOptions): Promise<RunResult>
  /** Runs a script for as long as its output keeps coming, and hands that on as it comes. */
  stream(script: string, options: StreamOptions): Promise<RunResult>
  /**
   * Writes a file whole or not at all. Missing parents are made: 0700 under our root, 0755
   * elsewhere.
   */
  upload(path: string, content: UploadContent, options: UploadOptions): Promise<void>
  close(): void
}

/** Takes output. The host waits while a promise is pending. */
export type ChunkSink = (chunk: Buffer) => void | Promise<void>

export interface StreamOptions {
  /** Ends with HostUnreachable when the script is silent for this long. */
  readonly idleMs: number
  readonly onStdout: ChunkSink
  readonly signal?: AbortSignal | undefined
}
