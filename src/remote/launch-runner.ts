import { randomHex } from "#base"

import { ask } from "./ask.ts"
import { frameFunctions } from "./frames.ts"
import type { Host } from "./host.ts"
import { HostOperationError, HostTimeoutError, PlanStateError } from "./host-error.ts"
import { type ClaimHolder, pathsOf } from "./plan-address.ts"
import { runnerProbe } from "./plan-status.ts"
import { redact } from "./redact.ts"

/**
 * Starts the runner out of reach of this session, and answers once it has the lock. A full disk is
 * found here: a runner that cannot write has nowhere to say so. The unit's name
 * may be taken by what an earlier runner left behind: then it gets one that is not. `process` is
 * the kill mode because what a step leaves running is meant to stay, as it would after a boot.
 */
const launchScript = `
${frameFunctions}
cd "$dir" || exit 1
mark=MOTHERSHIP_RUN=$claim
shell=$(command -v sh)
case $shell in /*) ;; *) shell=/bin/sh ;; esac
detach() {
  systemd-run --quiet --collect --unit="$1" --property=KillMode=process \\
    --property=TasksMax=infinity --property="WorkingDirectory=$dir" --setenv="$mark" \\
    "$shell" runner.sh "$nonce" "$epoch" >>runner.log 2>&1
}
head -c 65536 /dev/zero >room || { rm -f room; exit 1; }
rm -f room
: >runner.log
if [ -d /run/systemd/system ] && command -v systemd-run >/dev/null 2>&1; then
  detach "$unit" || detach "$unit-$nonce" || { cat runner.log >&2; exit 1; }
else
  export "$mark"
  setsid sh runner.sh "$nonce" "$epoch" </dev/null >>runner.log 2>&1 &
fi
tries=0
while [ $tries -lt 150 ]; do
  tries=$((tries + 1))
  ${runnerProbe}
  if [ "$running" = "$nonce" ]; then emit launched 1; exit 0; fi
  if [ "$alive" = 1 ]; then emit attached 1; exit 0; fi
  sleep 0.1 2>/dev/null || sleep 1
done
if [ -s runner.log ] || ! flock -n ../lock true; then
  emit busy "$(tail -c 2000 runner.log)"
fi
`

/** Starts the runner of a plan that lies on the host; `attached` when one was already alive. */
export async function launchRunner(
  host: Host,
  holder: ClaimHolder,
): Promise<"launched" | "attached"> {
  const { claim, planDir, name } = pathsOf(host, holder)
  const unit = name === "bootstrap" ? `mothership-${claim}` : `mothership-${claim}-${name}`
  const answer = await ask(host, {
    what: "start plan",
    values: { dir: planDir, claim, unit, nonce: randomHex(8), epoch: holder.epoch },
    script: launchScript,
  })
  if (answer.has("launched")) return "launched"
  if (answer.has("attached")) return "attached"
  const busy = answer.get("busy")
  if (busy === undefined) {
    throw new HostTimeoutError(`start plan ${name} of claim ${claim}: its runner does not begin`)
  }
  const said = redact(busy.trim())
  if (said !== "") throw new HostOperationError(`start plan ${name} of claim ${claim}: ${said}`)
  throw new PlanStateError(`start plan ${name}: another plan of claim ${claim} is running`)
}
