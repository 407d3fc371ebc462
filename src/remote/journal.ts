/** How an attempt came to its end. */
export type FinishedBy = "run" | "check" | "marked"

/** One line of a plan's journal; times are the host's, RFC 3339. */
export type JournalEvent =
  | { readonly type: "begun"; readonly at: string; readonly bootId: string; readonly epoch: number }
  | StepEvent<"started", { readonly bootId: string }>
  | StepEvent<"finished", { readonly exitCode: number; readonly by: FinishedBy }>
  | StepEvent<"checked", { readonly answer: string; readonly exitCode: number }>
  | StepEvent<"recovering", unknown>
  | StepEvent<"recovered", { readonly exitCode: number }>
  | StepEvent<"interrupted", { readonly cause: string }>
  | { readonly type: "retry"; readonly step: string; readonly at: string }
  | { readonly type: "ended"; readonly at: string }

type StepEvent<Type extends string, More> = {
  readonly type: Type
  readonly step: string
  readonly attempt: number
  readonly at: string
} & More

/**
 * A shell function that ends a line which a crash cut short, with a mark: half a line can look like
 * a whole one that says something else.
 */
export const mendFunction = `
mend() { # journal
  if [ -s "$1" ] && [ -n "$(tail -c 1 "$1")" ]; then echo '~' >>"$1" || return 1; fi
}
`

/** Reads one line; undefined for one that a crash cut short. */
export function parseJournalLine(line: string): JournalEvent | undefined {
  if (line.endsWith("~")) return undefined
  const [type, ...words] = line.split(" ")
  const word = (index: number): string => words[index] ?? ""
  const time = (index: number): string => (/^\d{4}-.*Z$/.test(word(index)) ? word(index) : "")
  const event = ((): JournalEvent | undefined => {
    if (type === "begun") {
      return { type, at: time(1), bootId: word(2), epoch: Number(word(3)) || 0 }
    }
    if (type === "ended") return { type, at: time(0) }
    const step = word(0)
    if (type === "retry") return { type, step, at: time(1) }
    const attempt = Number(word(1))
    if (type === "started") return { type, step, attempt, at: time(2), bootId: word(3) }
    if (type === "finished") {
      const by = word(4)
      if (by !== "run" && by !== "check" && by !== "marked") return undefined
      return { type, step, attempt, exitCode: Number(word(2)), at: time(3), by }
    }
    if (type === "checked") {
      return { type, step, attempt, answer: word(2), exitCode: Number(word(3)), at: time(4) }
    }
    if (type === "recovering") return { type, step, attempt, at: time(2) }
    if (type === "recovered") {
      return { type, step, attempt, exitCode: Number(word(2)), at: time(3) }
    }
    if (type === "interrupted") return { type, step, attempt, cause: word(2), at: time(3) }
    return undefined
  })()
  return event && event.at !== "" ? event : undefined
}

/** Reads a whole journal. */
export function parseJournal(text: string): JournalEvent[] {
  return text
    .split("\n")
    .map(parseJournalLine)
    .filter((event) => event !== undefined)
}

export type StepState = "waiting" | "running" | "done" | "failed" | "interrupted"

export interface StepStatus {
  readonly name: string
  readonly title: string
  /** `interrupted` also while a step began and nobody has looked yet how far it came. */
  readonly state: StepState
  readonly attempts: number
  readonly startedAt: string | undefined
  readonly finishedAt: string | undefined
  readonly exitCode: number | undefined
  readonly finishedBy: FinishedBy | undefined
  /** Why it was given up, such as `no-check`, `half-done`, `recover-failed`, `stopped`. */
  readonly interruption: string | undefined
}

/** The state of one step, by what the journal says of it. */
export function stepStatusOf(
  name: string,
  title: string,
  events: readonly JournalEvent[],
  alive: boolean,
): StepStatus {
  let status: StepStatus = {
    name,
    title,
    state: "waiting",
    attempts: 0,
    startedAt: undefined,
    finishedAt: undefined,
    exitCode: undefined,
    finishedBy: undefined,
    interruption: undefined,
  }
  const fresh = { finishedAt: undefined, exitCode: undefined, finishedBy: undefined }
  for (const event of events) {
    if (!("step" in event) || event.step !== name) continue
    if (event.type === "started") {
      const state = alive ? "running" : "interrupted"
      const startedAt = event.at
      const interruption = undefined
      status = { ...status, ...fresh, state, attempts: event.attempt, startedAt, interruption }
    } else if (event.type === "finished") {
      const { at: finishedAt, exitCode, by: finishedBy } = event
      const state = exitCode === 0 ? "done" : "failed"
      status = { ...status, state, finishedAt, exitCode, finishedBy, interruption: undefined }
    } else if (event.type === "interrupted") {
      status = { ...status, state: "interrupted", interruption: event.cause }
    } else if (event.type === "retry") {
      status = { ...status, ...fresh, state: "waiting", interruption: undefined }
    }
  }
  return status
}
