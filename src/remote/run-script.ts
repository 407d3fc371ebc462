import { randomHex } from "#base"

import type { ChunkSink, RunResult } from "./host.ts"
import { loaderCommand, loaderInput, MarkFilter } from "./remote-shell.ts"
import type { SshConnection } from "./ssh-connection.ts"
import { TailBuffer } from "./tail-buffer.ts"

export interface ScriptOptions {
  readonly sudo: boolean
  readonly script: string
  readonly stdin?: Iterable<Uint8Array> | AsyncIterable<Uint8Array> | undefined
  readonly timeoutMs?: number | undefined
  readonly idleMs?: number | undefined
  readonly maxOutputBytes?: number | undefined
  readonly signal?: AbortSignal | undefined
  /** Takes standard output instead of the result. */
  readonly onStdout?: ChunkSink | undefined
}

/**
 * `reached` is false when the script never started: the streams then hold what stood in its way.
 */
export interface ScriptResult extends RunResult {
  readonly reached: boolean
}

/** Runs a script through the loader of remote-shell.ts. */
export async function runScript(
  connection: SshConnection,
  options: ScriptOptions,
): Promise<ScriptResult> {
  const mark = `mark${randomHex(12)}`
  const limit = options.maxOutputBytes ?? 1_048_576
  const stdout = new TailBuffer(limit)
  const stderr = new TailBuffer(limit)
  const onStdout = options.onStdout ?? ((chunk: Buffer) => stdout.push(chunk))
  const stdoutFilter = new MarkFilter(mark, onStdout)
  const stderrFilter = new MarkFilter(mark, (chunk) => stderr.push(chunk))
  const exitCode = await connection.exec(loaderCommand(mark, options.sudo), {
    stdin: withScript(loaderInput(mark, options.script), options.stdin),
    onStdout: (chunk) => stdoutFilter.push(chunk),
    onStderr: (chunk) => stderrFilter.push(chunk),
    timeoutMs: options.timeoutMs,
    idleMs: options.idleMs,
    signal: options.signal,
  })
  if (!stdoutFilter.seen) {
    return {
      reached: false,
      exitCode,
      stdout: stdoutFilter.preamble,
      stderr: stderrFilter.preamble,
      truncated: false,
    }
  }
  return {
    reached: true,
    exitCode,
    stdout: stdout.toString(),
    stderr: stderr.toString(),
    truncated: stdout.truncated || stderr.truncated,
  }
}

async function* withScript(
  script: string,
  stdin: Iterable<Uint8Array> | AsyncIterable<Uint8Array> | undefined,
): AsyncGenerator<Uint8Array> {
  yield Buffer.from(script)
  if (stdin) yield* stdin
}
