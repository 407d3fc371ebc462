import { ask } from "./ask.ts"
import { frameFunctions } from "./frames.ts"
import type { Host } from "./host.ts"
import { type PlanAddress, pathsOf } from "./plan-address.ts"

/** Answers with the time at which each plan first began, by name. */
const listScript = `
cd "$dir" 2>/dev/null || exit 0
for journal in */journal; do
  [ -s "$journal" ] || continue
  IFS= read -r line <"$journal"
  set -- $line
  emit "\${journal%/journal}" "\${3:-}"
done
`

/** Names of the plans of a claim that have begun on a host, in the order in which they did. */
export async function listPlans(
  host: Host,
  { claim }: Omit<PlanAddress, "plan">,
): Promise<readonly string[]> {
  const { claimDir } = pathsOf(host, { claim })
  const script = frameFunctions + listScript
  const answer = await ask(host, { what: "list plans", values: { dir: claimDir }, script })
  return [...answer]
    .sort(([, left], [, right]) => (left < right ? -1 : left > right ? 1 : 0))
    .map(([name]) => name)
}
