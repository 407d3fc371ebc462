import { type Frame, FrameReader } from "./frames.ts"
import type { Host } from "./host.ts"
import { DiskFullError, HostOperationError, isDiskFull } from "./host-error.ts"
import { redact } from "./redact.ts"
import { assign } from "./remote-shell.ts"

export interface Question {
  /** What is done, for messages: a verb and a noun. */
  readonly what: string
  readonly values: Readonly<Record<string, string | number>>
  readonly script: string
  readonly signal?: AbortSignal | undefined
}

/** The answer of one of our scripts: frame bodies as text, by name. */
export type Answer = ReadonlyMap<string, string>

const answerLimitBytes = 16_777_216

/** Runs one of our short scripts and reads its frames. Throws HostOperationFailed or DiskFull. */
export async function ask(host: Host, question: Question): Promise<Answer> {
  const answer = new Map<string, string>()
  let sizeBytes = 0
  const reader = new FrameReader(({ name, body }: Frame) => {
    sizeBytes += body.length
    if (sizeBytes <= answerLimitBytes) answer.set(name, body.toString("utf8"))
  })
  const script = `LC_ALL=C; export LC_ALL; umask 077\n${assign(question.values)}${question.script}`
  const { exitCode, stderr } = await host.stream(script, {
    idleMs: 60_000,
    signal: question.signal,
    onStdout: (chunk) => reader.push(chunk),
  })
  if (exitCode === 0) return answer
  const said = redact(stderr.trim().slice(-2000)) || `exit code ${exitCode}`
  const message = `${question.what} on ${host.address.address}: ${said}`
  throw isDiskFull(said) ? new DiskFullError(message) : new HostOperationError(message)
}
