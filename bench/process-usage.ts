import { readFile } from "node:fs/promises"

const ticksPerSecond = 100

/** What processes have used so far. */
export interface Usage {
  readonly cpuSeconds: number
  readonly rssMb: number
}

/** CPU time and resident memory of processes, summed, from /proc. */
export async function usageOf(pids: readonly number[]): Promise<Usage> {
  const each = await Promise.all(pids.map(usageOfOne))
  return {
    cpuSeconds: each.reduce((sum, usage) => sum + usage.cpuSeconds, 0),
    rssMb: each.reduce((sum, usage) => sum + usage.rssMb, 0),
  }
}

async function usageOfOne(pid: number): Promise<Usage> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8")
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
  const status = await readFile(`/proc/${pid}/status`, "utf8")
  const rssKb = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0)
  return {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond,
    rssMb: rssKb / 1024,
  }
}
