import { ask } from "./ask.ts"
import { checkClaim, claimScript, claimValues } from "./claim-host.ts"
import type { Host } from "./host.ts"
import { mendFunction } from "./journal.ts"
import { type ClaimHolder, pathsOf } from "./plan-address.ts"

/**
 * Ends the runners of a claim and what they run, first politely. A process counts when it is in a
 * session that a runner opened and carries the claim's mark: what a step set free on purpose, a
 * service or a process with a session of its own, stays. The journal says that the step was
 * stopped.
 */
const stopScript = `
${mendFunction}
check_owner
if [ -z "$owner" ]; then exit 0; fi
check_epoch
sessions=" $(cat "$claimDir"/*/sessions 2>/dev/null | tr '\\n' ' ') "
signal_all() {
  for file in /proc/[0-9]*/stat; do
    line=
    { IFS= read -r line <"$file"; } 2>/dev/null
    pid=\${file#/proc/}
    pid=\${pid%/stat}
    sent=$1
    set -- \${line##*) }
    session=\${4:-0}
    set -- "$sent"
    case $sessions in
    *" $session "*)
      if tr '\\0' '\\n' <"/proc/$pid/environ" 2>/dev/null | grep -qx "MOTHERSHIP_RUN=$claim"; then
        kill "-$sent" "$pid" 2>/dev/null
      fi
      ;;
    esac
  done
}
idle() {
  for lock in "$claimDir/lock" "$claimDir"/*/attempt.lock; do
    if [ -f "$lock" ] && ! flock -n "$lock" true; then return 1; fi
  done
}
tries=0
until idle; do
  tries=$((tries + 1))
  if [ $tries -gt 60 ]; then echo "the runner does not end" >&2; exit 1; fi
  if [ $tries -eq 1 ]; then signal_all TERM; fi
  if [ $tries -gt 20 ]; then signal_all KILL; fi
  sleep 0.5 2>/dev/null || sleep 1
done
now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
for journal in "$claimDir"/*/journal; do
  [ -s "$journal" ] || continue
  mend "$journal" || exit 1
  awk -v now="$now" '
    /~$/ { next }
    $1 == "started" { open = $2 " " $3 }
    $1 == "finished" || $1 == "interrupted" || $1 == "retry" { open = "" }
    END { if (open != "") print "interrupted", open, "stopped", now }
  ' "$journal" >"$journal.$nonce" && cat "$journal.$nonce" >>"$journal"
  rm -f "$journal.$nonce"
done
`

/**
 * Stops whatever plan of a claim is running. Does nothing on a host that the claim does not own.
 */
export async function stop(host: Host, holder: ClaimHolder): Promise<void> {
  const { claimDir } = pathsOf(host, holder)
  const answer = await ask(host, {
    what: "stop plan",
    values: { ...claimValues(host, holder), claimDir },
    script: claimScript(host) + stopScript,
  })
  checkClaim(host, holder, answer)
}
