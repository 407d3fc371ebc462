import { type Frame, frameFunctions, FrameReader } from "./frames.ts"
import type { Host } from "./host.ts"
import { HostOperationError } from "./host-error.ts"
import { type JournalEvent, parseJournalLine } from "./journal.ts"
import { type PlanAddress, pathsOf } from "./plan-address.ts"
import { runnerProbe } from "./plan-status.ts"
import { redact } from "./redact.ts"
import { assign } from "./remote-shell.ts"
import { StepOutput } from "./step-output.ts"

/** A place in a plan's journal and output, to go on from later. JSON. */
export interface FollowCursor {
  readonly journalBytes: number
  /** The output file that was read last, as `STEP.ATTEMPT`; empty before the first. */
  readonly output: string
  readonly outputBytes: number
}

/** What happened, each with the cursor that stands right behind it. */
export type FollowEvent =
  | { readonly type: "journal"; readonly event: JournalEvent; readonly cursor: FollowCursor }
  | {
      readonly type: "output"
      readonly step: string
      readonly attempt: number
      /** Whole lines, redacted. */
      readonly text: string
      readonly cursor: FollowCursor
    }
  | {
      readonly type: "skipped"
      readonly step: string
      readonly attempt: number
      /** How much output was left out because the step is faster than the line. */
      readonly sizeBytes: number
      readonly cursor: FollowCursor
    }

export interface FollowOptions extends PlanAddress {
  /** From the beginning unless given. */
  readonly from?: FollowCursor | undefined
  readonly signal?: AbortSignal | undefined
}

const followScript = `
LC_ALL=C; export LC_ALL
${frameFunctions}
cd "$dir" 2>/dev/null && [ -f plan.id ] || exit 0
emit_file secrets payload/secrets
while [ ! -f journal ]; do
  ${runnerProbe}
  if [ "$alive" = 0 ]; then exit 0; fi
  sleep 0.2 2>/dev/null || sleep 1
done
drain() {
  if [ -z "$output" ] || [ ! -f "output/$output" ]; then return; fi
  size=$(($(wc -c <"output/$output")))
  if [ $((size - outputBytes)) -gt 1048576 ]; then
    skipped=$((size - outputBytes - 262144))
    rest=$(($(tail -c +$((outputBytes + skipped + 1)) "output/$output" | head -c 65536 | head -n 1 | wc -c)))
    if [ $rest -lt 65536 ]; then skipped=$((skipped + rest)); fi
    outputBytes=$((outputBytes + skipped))
    printf 'skipped %s %s %s 0\\n\\n' "$output" $outputBytes $skipped
  fi
  while [ $outputBytes -lt $size ]; do
    part=$((size - outputBytes))
    if [ $part -gt 65536 ]; then part=65536; fi
    printf 'output %s %s %s\\n' "$output" $outputBytes $part
    tail -c +$((outputBytes + 1)) "output/$output" | head -c $part
    echo || exit 1
    outputBytes=$((outputBytes + part))
  done
}
exec 3<journal
offset=0
while [ $offset -lt $journalBytes ] && IFS= read -r line <&3; do
  offset=$((offset + \${#line} + 1))
done
begun=
ticks=0
while :; do
  ${runnerProbe}
  while IFS= read -r line <&3 || { begun=$begun$line; false; }; do
    line=$begun$line
    begun=
    drain
    offset=$((offset + \${#line} + 1))
    emit "journal $offset" "$line"
    case $line in "started "*) set -- $line; output=$2.$3; outputBytes=0 ;; esac
  done
  drain
  if [ "$alive" = 0 ]; then exit 0; fi
  ticks=$((ticks + 1))
  if [ $((ticks % 20)) -eq 0 ]; then emit beat '' || exit 1; fi
  sleep 0.5 2>/dev/null || sleep 1
done
`

/**
 * Journal and output of a plan, in the order in which they were written, for as long as its runner
 * lives; then it ends, and `status` says how it stands. No journal event is lost or repeated when a
 * later call goes on from a cursor. Throws HostUnreachable when the connection is lost.
 */
export async function* follow(host: Host, options: FollowOptions): AsyncGenerator<FollowEvent> {
  const from = options.from ?? { journalBytes: 0, output: "", outputBytes: 0 }
  if (!/^[A-Za-z0-9._-]*$/.test(from.output)) {
    throw new HostOperationError(`follow plan: ${JSON.stringify(from.output)} is not an output`)
  }
  const { planDir } = pathsOf(host, options)
  const stopped = new AbortController()
  const signal = options.signal ? AbortSignal.any([options.signal, stopped.signal]) : stopped.signal
  const queue = new EventQueue()
  const decoder = new FollowDecoder(from, (event) => queue.push(event))
  const reader = new FrameReader((frame) => decoder.push(frame))
  const ended = host.stream(assign({ dir: planDir, ...from }) + followScript, {
    idleMs: 30_000,
    signal,
    onStdout: (chunk) => {
      reader.push(chunk)
      return queue.room()
    },
  })
  ended.then(
    ({ exitCode, stderr }) => {
      decoder.end()
      if (exitCode === 0) return queue.end()
      const said = redact(stderr.trim().slice(-2000)) || `exit code ${exitCode}`
      queue.end(new HostOperationError(`follow plan on ${host.address.address}: ${said}`))
    },
    (error: unknown) => queue.end(error),
  )
  try {
    yield* queue.drain()
  } finally {
    stopped.abort(new Error("no longer followed"))
  }
}

/** Events between the connection and whoever reads them; the connection waits while it is full. */
class EventQueue {
  #events: FollowEvent[] = []
  #finished: { readonly error: unknown } | undefined
  #wake: (() => void) | undefined
  #emptied: (() => void) | undefined

  push(event: FollowEvent): void {
    this.#events.push(event)
    this.#wake?.()
  }

  end(error?: unknown): void {
    this.#finished ??= { error }
    this.#wake?.()
  }

  /** Pending while there is no room for more. */
  room(): Promise<void> | undefined {
    if (this.#events.length < 64) return undefined
    return new Promise((resolve) => {
      this.#emptied = resolve
    })
  }

  async *drain(): AsyncGenerator<FollowEvent> {
    for (;;) {
      const events = this.#events
      this.#events = []
      yield* events
      if (this.#events.length > 0) continue
      if (this.#finished) {
        if (this.#finished.error !== undefined) throw this.#finished.error
        return
      }
      this.#emptied?.()
      this.#emptied = undefined
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }
}

/** Turns frames into events and keeps the cursor. */
class FollowDecoder {
  readonly #emit: (event: FollowEvent) => void
  #cursor: FollowCursor
  #secrets: readonly string[] = []
  #output: StepOutput | undefined

  constructor(from: FollowCursor, emit: (event: FollowEvent) => void) {
    this.#cursor = from
    this.#emit = emit
  }

  push({ name, fields, body }: Frame): void {
    if (name === "secrets") this.#secrets = body.toString("utf8").split("\n")
    else if (name === "journal") this.#onJournal(Number(fields[0]), body.toString("utf8"))
    else if (name === "output") this.#onOutput(Number(fields[1]), body)
    else if (name === "skipped") this.#onSkipped(Number(fields[1]), Number(fields[2]))
  }

  end(): void {
    this.#flush()
  }

  #onJournal(journalBytes: number, line: string): void {
    this.#flush()
    this.#cursor = { ...this.#cursor, journalBytes }
    const event = parseJournalLine(line)
    if (!event) return
    if (event.type === "started") {
      this.#cursor = { journalBytes, output: `${event.step}.${event.attempt}`, outputBytes: 0 }
    }
    this.#emit({ type: "journal", event, cursor: this.#cursor })
  }

  #onOutput(offsetBytes: number, body: Buffer): void {
    this.#output ??= new StepOutput(this.#secrets)
    this.#emitText(this.#output.push(offsetBytes, body))
  }

  #onSkipped(outputBytes: number, sizeBytes: number): void {
    this.#flush()
    this.#cursor = { ...this.#cursor, outputBytes }
    this.#emit({ type: "skipped", ...this.#source(), sizeBytes, cursor: this.#cursor })
  }

  #flush(): void {
    this.#emitText(this.#output?.flush())
    this.#output = undefined
  }

  #emitText(piece: { readonly text: string; readonly endBytes: number } | undefined): void {
    if (!piece) return
    this.#cursor = { ...this.#cursor, outputBytes: piece.endBytes }
    this.#emit({ type: "output", ...this.#source(), text: piece.text, cursor: this.#cursor })
  }

  /** The step and the attempt whose output is being read. */
  #source(): { readonly step: string; readonly attempt: number } {
    const { output } = this.#cursor
    const dot = output.lastIndexOf(".")
    return { step: output.slice(0, dot), attempt: Number(output.slice(dot + 1)) }
  }
}
