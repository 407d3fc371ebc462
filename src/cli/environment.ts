import type { Clock } from "#base"

/** A plane in this process. */
export interface RunningPlane {
  readonly url: string
  readonly kubeconfigFile: string
  stop(): Promise<void>
}

/** Where a plane's log goes: a file, or standard error. */
export interface LogTarget {
  readonly file?: string | undefined
  readonly level: "debug" | "info" | "warn" | "error"
}

export interface PlaneStart {
  readonly dataDirectory: string
  readonly host: string
  readonly port: number
  readonly log: LogTarget
}

/** What the command line asks of the program that it is part of: everything that needs a plane. */
export interface PlaneControl {
  start(options: PlaneStart): Promise<RunningPlane>
  /** Copies everything of a plane, which may be running, into an archive. */
  backup(options: ArchiveOptions): Promise<ArchiveSummary>
  /** Makes a data directory from an archive. */
  restore(options: ArchiveOptions): Promise<ArchiveSummary & { readonly createdAtMs: number }>
  artifacts(dataDirectory: string): Promise<ArtifactControl>
}

export interface ArtifactSet {
  readonly name: string
  readonly kubernetesVersion: string
  /** As Go names it, such as `amd64`. */
  readonly architecture: string
  readonly files: readonly { readonly path: string; readonly size: number }[]
}

/** The artifact sets in a data directory. */
export interface ArtifactControl {
  /** Takes a directory or a tar archive with a `manifest.json`. */
  add(source: string): Promise<ArtifactSet>
  /** Of all sets, damaged ones too. */
  names(): Promise<readonly string[]>
  /** Fails, naming the set, when its manifest is damaged or gone. */
  find(name: string): Promise<ArtifactSet | undefined>
  /** Hashes every file again; answers what is wrong. Fails as `find` does. */
  verify(name: string): Promise<readonly { readonly path: string; readonly problem: string }[]>
}

export interface ArchiveOptions {
  readonly dataDirectory: string
  readonly file: string
  readonly passphrase: string
}

export interface ArchiveSummary {
  readonly objects: number
  readonly files: number
  /** Of the archive. */
  readonly sizeBytes: number
}

/** Everything a command may know about the world outside its arguments. */
export interface Environment {
  readonly variables: Readonly<Record<string, string | undefined>>
  readonly homeDirectory: string
  /** Directory of the program, with `examples` and `manifests` in it. */
  readonly programDirectory: string
  readonly version: string
  readonly clock: Clock
  readonly planes: PlaneControl
  readonly stdout: Output
  readonly stderr: Output
  /** Calls back when the user or the system asks the process to end; returns the way to stop. */
  onStopSignal(handler: () => void): () => void
}

export interface Output {
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
  readonly rows?: number | undefined
  /** False where the user or the terminal wants none (`NO_COLOR`); absent where there are none. */
  hasColors?(): boolean
  write(text: string): unknown
}

/** A command cannot do what it was asked to; the message is for the user, without a stack. */
export class CommandError extends Error {
  override readonly name = "CommandError"
}
