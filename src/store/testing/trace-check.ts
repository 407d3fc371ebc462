export interface TraceVerdict {
  readonly acknowledged: number
  /** Writes that were acknowledged before a flush covered them. */
  readonly violations: readonly string[]
}

interface Flush {
  readonly start: number
  end: number
}

const call = /^(?<thread>\d+)\s+(?:<\.\.\. )?(?<name>\w+)(?<rest>.*)$/
const mark = /<(key-\d+#\d+)>/g
const acknowledgement = /"ack (key-\d+) \d+ (\d+)\\n"/

/**
 * Reads what `strace -f -y` saw a writer do. For every acknowledgement it looks for the first write
 * to the log that has the value in it, and for a flush of the log that began after that and was
 * over before the acknowledgement began.
 */
export function checkTrace(trace: string): TraceVerdict {
  const written = new Map<string, number>()
  const flushes: Flush[] = []
  const open = new Map<string, Flush>()
  const acknowledged: { readonly value: string; readonly at: number }[] = []
  trace.split("\n").forEach((line, at) => {
    const { thread = "", name = "", rest = "" } = call.exec(line)?.groups ?? {}
    const isResumed = rest.startsWith(" resumed>")
    if (name === "pwrite64" && rest.includes("-wal>")) {
      for (const [, value = ""] of rest.matchAll(mark))
        if (!written.has(value)) written.set(value, at)
    } else if (name === "fsync" || name === "fdatasync") {
      const flush = open.get(thread) ?? { start: at, end: Infinity }
      if (!isResumed && rest.includes("-wal>")) flushes.push(flush)
      open.delete(thread)
      if (rest.includes("<unfinished")) open.set(thread, flush)
      else if (rest.endsWith("= 0")) flush.end = at
    } else if (name === "write" && !isResumed) {
      const [, key, sequence] = acknowledgement.exec(rest) ?? []
      if (key !== undefined) acknowledged.push({ value: `${key}#${sequence}`, at })
    }
  })
  const violations = acknowledged.flatMap(({ value, at }) => {
    const writtenAt = written.get(value)
    if (writtenAt === undefined) return `${value} was acknowledged and never written`
    const isCovered = flushes.some(({ start, end }) => start > writtenAt && end < at)
    return isCovered ? [] : `${value} was acknowledged before it was flushed`
  })
  return { acknowledged: acknowledged.length, violations }
}
