import { readFile } from "node:fs/promises"

const ticksPerSecond = 100

/** What processes have used so far. */
export interface Usage {
  readonly cpuSeconds: number
  readonly rssMb: number
  /** The most it has been. */
  readonly peakRssMb: number
}

/** CPU time and resident memory of processes, summed, from /proc. */
export async function usageOf(pids: readonly number[]): Promise<Usage> {
  const each = await Promise.all(pids.map(usageOfOne))
  const sum = (pick: (usage: Usage) => number): number =>
    each.reduce((total, usage) => total + pick(usage), 0)
  return {
    cpuSeconds: sum((usage) => usage.cpuSeconds),
    rssMb: sum((usage) => usage.rssMb),
    peakRssMb: sum((usage) => usage.peakRssMb),
  }
}

async function usageOfOne(pid: number): Promise<Usage> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8")
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
  const status = await readFile(`/proc/${pid}/status`, "utf8")
  const megabytes = (field: string): number =>
    Number(new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? 0) / 1024
  return {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond,
    rssMb: megabytes("VmRSS"),
    peakRssMb: megabytes("VmHWM"),
  }
}
