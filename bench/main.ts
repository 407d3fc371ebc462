import { writeFile } from "node:fs/promises"
import { parseArgs } from "node:util"
import { apiBenchmark } from "./api/api.ts"
import { fleetBenchmark } from "./fleet/fleet.ts"
import { sshBenchmark } from "./ssh/ssh.ts"
import { printTable, type Figure } from "./table.ts"

const benchmarks: Readonly<Record<string, () => Promise<readonly Figure[]>>> = {
  api: apiBenchmark,
  fleet: fleetBenchmark,
  ssh: sshBenchmark,
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { json: { type: "string" } },
})
const run = benchmarks[positionals[0] ?? ""]
if (!run) {
  console.error(`usage: npm run bench -- ${Object.keys(benchmarks).join("|")} [--json FILE]`)
  process.exit(2)
}
const figures = await run()
printTable(figures)
if (values.json) await writeFile(values.json, `${JSON.stringify(figures, null, 2)}\n`)
