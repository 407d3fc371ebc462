import { randomHex } from "#base"

import { type Answer, ask } from "./ask.ts"
import { frameFunctions } from "./frames.ts"
import type { Host } from "./host.ts"
import { HostInUseError, HostUnsupportedError, StaleEpochError } from "./host-error.ts"
import { type ClaimHolder, pathsOf } from "./plan-address.ts"
import { quote } from "./shell-quote.ts"

/** What every plan needs on a host; any Debian has it, and busybox too. */
const neededCommands =
  "awk cat chmod chown cp cut date env flock grep head ln mkdir mv readlink rm sed setsid sha256sum sleep sync tail tar timeout tr wc"

/**
 * Takes the host, or finds that it is taken. `owner` appears complete or not at all (`ln` fails
 * when the name is there), so of any number of claims that race exactly one wins. Epochs are files,
 * so that the highest one is known without a lock. Expects `root`, `claim`, `holder`, `epoch`,
 * `nonce`.
 */
const claimFunctions = `
check_owner() {
  owner=
  if [ -e "$root/owner" ]; then
    { IFS= read -r owner; IFS= read -r other; } <"$root/owner"
    if [ "$owner" != "$claim" ]; then
      emit owner "\${owner:-unknown}"; emit holder "\${other:-}"
      exit 0
    fi
  fi
}
check_epoch() {
  for file in "$root/$claim/epochs"/*; do
    newer=\${file##*/}
    if [ "$newer" != '*' ] && [ "$newer" -gt "$epoch" ]; then emit epoch "$newer"; exit 0; fi
  done
}
take_host() {
  missing=
  for command in ${neededCommands}; do
    command -v "$command" >/dev/null 2>&1 || missing="$missing $command"
  done
  if [ -n "$missing" ]; then emit missing "$missing"; exit 0; fi
  check_owner
  if [ -z "$owner" ]; then
    for path in $state_paths; do
      if [ -e "$path" ]; then emit state "$path"; exit 0; fi
    done
    check_epoch
    mkdir -p "$root" && chmod 700 "$root" || exit 1
    printf '%s\\n%s\\n' "$claim" "$holder" >"$root/.owner.$nonce" || exit 1
    sync "$root/.owner.$nonce" 2>/dev/null || sync
    ln "$root/.owner.$nonce" "$root/owner" 2>/dev/null
    rm -f "$root/.owner.$nonce"
    sync "$root" 2>/dev/null || sync
    check_owner
    if [ -z "$owner" ]; then echo "cannot create $root/owner" >&2; exit 1; fi
  fi
  mkdir -p "$root/$claim/epochs" || exit 1
  check_epoch
  : >"$root/$claim/epochs/$epoch" || exit 1
}
`

/** The functions of claim scripts, and the values they expect. */
export function claimScript(host: Host): string {
  const paths = host.layout.statePaths.map(quote).join(" ")
  return frameFunctions + claimFunctions.replace("$state_paths", paths)
}

export function claimValues(host: Host, holder: ClaimHolder): Record<string, string | number> {
  const { root, claim } = pathsOf(host, holder)
  return {
    root,
    claim,
    holder: holder.holder.replace(/[\r\n]+/g, " "),
    epoch: Math.max(0, Math.trunc(holder.epoch)),
    nonce: randomHex(8),
  }
}

/** Throws what a claim script found: HostUnsupported, HostInUse or StaleEpoch. */
export function checkClaim(host: Host, holder: ClaimHolder, answer: Answer): void {
  const name = host.address.address
  const missing = answer.get("missing")
  if (missing !== undefined) {
    throw new HostUnsupportedError(`claim host ${name}: these commands are missing:${missing}`)
  }
  const owner = answer.get("owner")
  if (owner !== undefined) {
    const whose = answer.get("holder") ? ` (${answer.get("holder")})` : ""
    throw new HostInUseError(`claim host ${name}: it belongs to claim ${owner}${whose}`, owner)
  }
  const state = answer.get("state")
  if (state !== undefined) {
    const message = `claim host ${name}: ${state} is there, so it is part of a cluster that nobody here made`
    throw new HostInUseError(message, undefined)
  }
  const epoch = answer.get("epoch")
  if (epoch !== undefined) {
    const message = `claim host ${name}: epoch ${epoch} of claim ${holder.claim} has been here, this is ${holder.epoch}`
    throw new StaleEpochError(message)
  }
}

/** Takes the host for a claim; taking it again changes nothing. */
export async function claimHost(host: Host, holder: ClaimHolder): Promise<void> {
  const script = `${claimScript(host)}take_host`
  const answer = await ask(host, { what: "claim host", values: claimValues(host, holder), script })
  checkClaim(host, holder, answer)
}
