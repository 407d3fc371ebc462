import { readFacts } from "./facts.ts"
import type {
  Host,
  HostAddress,
  HostFacts,
  HostLayout,
  RunOptions,
  RunResult,
  StreamOptions,
  UploadContent,
  UploadOptions,
} from "./host.ts"
import { HostUnsupportedError, SudoRequiredError } from "./host-error.ts"
import { runScript, type ScriptOptions, type ScriptResult } from "./run-script.ts"
import type { SshConnection } from "./ssh-connection.ts"
import { upload } from "./upload.ts"

export interface SshHostOptions {
  readonly connection: SshConnection
  readonly address: HostAddress
  readonly layout: HostLayout
  readonly fingerprint: string
  readonly sudo: boolean
}

/** A host over one SSH connection. */
export class SshHost implements Host {
  readonly address: HostAddress
  readonly layout: HostLayout
  readonly hostKeyFingerprint: string
  readonly #connection: SshConnection
  readonly #sudo: boolean

  constructor(options: SshHostOptions) {
    this.address = options.address
    this.layout = options.layout
    this.hostKeyFingerprint = options.fingerprint
    this.#connection = options.connection
    this.#sudo = options.sudo
  }

  get closed(): AbortSignal {
    return this.#connection.closed
  }

  facts(): Promise<HostFacts> {
    return readFacts(this)
  }

  async run(script: string, options: RunOptions): Promise<RunResult> {
    const stdin = options.stdin === undefined ? undefined : [Buffer.from(options.stdin)]
    const { exitCode, stdout, stderr, truncated } = await this.#execute({
      script,
      stdin,
      timeoutMs: options.timeoutMs,
      maxOutputBytes: options.maxOutputBytes,
      signal: options.signal,
    })
    return { exitCode, stdout, stderr, truncated }
  }

  stream(script: string, options: StreamOptions): Promise<RunResult> {
    return this.#execute({ script, ...options })
  }

  upload(path: string, content: UploadContent, options: UploadOptions): Promise<void> {
    return upload({
      rootDir: this.layout.rootDir,
      host: this.#connection.name,
      execute: (script) => this.#execute(script),
      path,
      content,
      options,
    })
  }

  close(): void {
    this.#connection.close()
  }

  async #execute(options: Omit<ScriptOptions, "sudo">): Promise<ScriptResult> {
    const result = await runScript(this.#connection, { ...options, sudo: this.#sudo })
    if (result.reached) return result
    const said = result.stderr || result.stdout || `exit code ${result.exitCode}`
    if (this.#sudo && /^sudo: /m.test(result.stderr)) {
      throw new SudoRequiredError(`become root on ${this.#connection.name}: ${said}`)
    }
    throw new HostUnsupportedError(`run script on ${this.#connection.name}: ${said}`)
  }
}
