import { mendFunction } from "./journal.ts"

/**
 * True while the machine goes down. Near the end systemd answers nothing any more, so silence
 * counts too; where it is always silent, the limit of attempts ends it.
 */
const stoppingFunction = `
stopping() {
  [ -d /run/systemd/system ] || return 1
  case $(systemctl is-system-running 2>/dev/null) in
  running | degraded | starting | initializing | maintenance) return 1 ;;
  esac
}
`

/**
 * The program that runs a plan on a host: POSIX sh, at home under dash, bash and busybox. It is
 * started as `sh runner.sh NONCE EPOCH` with the plan's directory as working directory, takes the
 * claim's lock (`../lock`, descriptor 9) and goes through the steps, writing `journal`:
 *
 *     begun NONCE TIME BOOT EPOCH
 *     started STEP ATTEMPT TIME BOOT
 *     finished STEP ATTEMPT CODE TIME run|check|marked
 *     checked STEP ATTEMPT done|absent|partial|unknown CODE TIME
 *     recovering STEP ATTEMPT TIME
 *     recovered STEP ATTEMPT CODE TIME
 *     interrupted STEP ATTEMPT REASON TIME
 *     retry STEP TIME
 *     ended TIME
 *
 * A line that a crash cut short ends with `~` and says nothing.
 * What is to happen next is always read from the journal, so it may die anywhere. An attempt is a
 * process of its own (attempt.sh) that writes its exit code into a file and holds `attempt.lock`
 * (descriptor 8) while it lives: a new runner waits for it instead of starting a second one.
 */
export const runnerScript = `
umask 077
PATH="\${PATH:+$PATH:}/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
LC_ALL=C
export PATH LC_ALL
nonce=$1
epoch=$2
boot=$(cat /proc/sys/kernel/random/boot_id)
now() { date -u +%Y-%m-%dT%H:%M:%SZ; }
keep() { sync "$1" 2>/dev/null || sync; }
${mendFunction}
note() { printf '%s\\n' "$*" >>journal && keep journal || exit 74; }

exec 9>>../lock || exit 74
tries=0
until flock -n 9; do
  tries=$((tries + 1))
  if [ $tries -gt 20 ]; then exit 75; fi
  sleep 0.1 2>/dev/null || sleep 1
done
stat=$(cat /proc/$$/stat)
set -- \${stat##*) }
printf '%s %s %s %s\\n' "$$" "\${20}" "$boot" "$nonce" >runner.new || exit 74
mv -f runner.new runner || exit 74
printf '%s\\n' "$4" >>sessions || exit 74
mend journal || exit 74
note begun "$nonce" "$(now)" "$boot" "$epoch"
exec 8>>attempt.lock
flock 8

# bounded SECONDS SCRIPT: the lock stays with timeout, so that nothing a step leaves behind keeps it.
bounded() {
  timeout -k 10 "$1" sh -c 'exec 8>&- 9>&-; exec sh "$1"' sh "$2" </dev/null
}

# state_of STEP: its state, last attempt, exit code, and how often it started since it was last retried.
state_of() {
  awk -v step="$1" '
    $2 != step || /~$/ { next }
    $1 == "started" { state = "started"; attempt = $3; starts++ }
    $1 == "finished" { state = "finished"; code = $4 }
    $1 == "interrupted" { state = "interrupted" }
    $1 == "retry" { state = "none"; starts = 0 }
    END { print (state == "" ? "none" : state), attempt + 0, code + 0, starts + 0 }
  ' journal
}

attempt() {
  : >"output/$1.$2" || exit 74
  note started "$1" "$2" "$(now)" "$boot"
  sh attempt.sh "$1" "$2" </dev/null >>"output/$1.$2" 2>&1 9>&- &
  wait $!
  conclude "$1" "$2"
}

conclude() {
  if [ -s "attempts/$1.$2" ]; then
    note finished "$1" "$2" "$(cat "attempts/$1.$2")" "$(now)" run
  fi
}

# resume STEP ATTEMPT STARTS: an attempt began and nobody knows how it went.
resume() {
  if [ -s "attempts/$1.$2" ]; then conclude "$1" "$2"; return; fi
  if [ "$3" -ge 5 ]; then note interrupted "$1" "$2" too-many-attempts "$(now)"; return; fi
  if [ ! -f "payload/$1/check.sh" ]; then
    if [ -f "payload/$1/repeatable" ]; then attempt "$1" $(($2 + 1)); return; fi
    note interrupted "$1" "$2" no-check "$(now)"
    return
  fi
  out=output/$1.$2
  echo "--- check after an interruption" >>"$out"
  bounded 300 "payload/$1/check.sh" >>"$out" 2>&1
  code=$?
  if [ $code -ne 0 ] && stopping; then exit 0; fi
  case $code in
  0) answer=done ;;
  1) answer=absent ;;
  2) answer=partial ;;
  *) answer=unknown ;;
  esac
  note checked "$1" "$2" $answer $code "$(now)"
  case $answer in
  done) note finished "$1" "$2" 0 "$(now)" check; return ;;
  unknown) note interrupted "$1" "$2" check-failed "$(now)"; return ;;
  partial) recover "$1" "$2" || return ;;
  esac
  attempt "$1" $(($2 + 1))
}

recover() {
  if [ ! -f "payload/$1/recover.sh" ]; then
    note interrupted "$1" "$2" half-done "$(now)"
    return 1
  fi
  note recovering "$1" "$2" "$(now)"
  echo "--- recover" >>"output/$1.$2"
  bounded "$(cat "payload/$1/timeout")" "payload/$1/recover.sh" >>"output/$1.$2" 2>&1
  code=$?
  if [ $code -ne 0 ] && stopping; then exit 0; fi
  note recovered "$1" "$2" $code "$(now)"
  if [ $code -eq 0 ]; then return 0; fi
  note interrupted "$1" "$2" recover-failed "$(now)"
  return 1
}

${stoppingFunction}
# Hides the plan's secret values in what is kept, length for length, so that no offset moves. Output
# that is too much for that (one line of many megabytes, say) is hidden as a whole.
scrub() {
  [ -s payload/secrets ] || return 0
  awk '{
    stars = $0
    gsub(/./, "*", stars)
    gsub(/[][\\\\\\/.*^$]/, "\\\\\\\\&")
    print "s/" $0 "/" stars "/g"
  }' payload/secrets >payload/scrub.sed || exit 74
  for out in output/*; do
    [ -f "$out" ] || continue
    grep -F -q -f payload/secrets "$out"
    if [ $? -eq 1 ]; then continue; fi
    if ! timeout 60 sed -f payload/scrub.sed "$out" >scrubbed; then
      head -c "$(($(wc -c <"$out")))" /dev/zero | tr '\\0' '*' >scrubbed || exit 74
    fi
    mv -f scrubbed "$out" || exit 74
  done
}

for step in $(cat steps); do
  while :; do
    set -- $(state_of "$step")
    case $1 in
    none) attempt "$step" $(($2 + 1)) ;;
    started) resume "$step" "$2" "$4" ;;
    finished) if [ "$3" -eq 0 ]; then break; else exit 0; fi ;;
    *) exit 0 ;;
    esac
    set -- $(state_of "$step")
    if [ "$1" = started ]; then exit 0; fi
  done
done
if ! grep -q '^ended .*[^~]$' journal; then
  scrub
  rm -rf payload ../artifacts session append
  note ended "$(now)"
fi
exit 0
`

/**
 * One attempt at one step, as `sh attempt.sh STEP ATTEMPT`. No exit code is written when the
 * machine is going down: what a step says then is about the shutdown, not about the step. What a
 * command did is on disk before it counts as done, unless the disk is too busy; the other actions
 * see to that themselves.
 */
export const attemptScript = `
${stoppingFunction}
trap 'exit 143' HUP INT TERM
timeout -k 10 "$(cat "payload/$1/timeout")" \\
  sh -c 'exec 8>&- 9>&-; exec sh "$1"' sh "payload/$1/run.sh" </dev/null
code=$?
if [ $code -eq 124 ] || [ $code -eq 137 ]; then
  echo "--- ended with code $code; the step may take $(cat "payload/$1/timeout") seconds"
fi
if [ $code -ne 0 ] && stopping; then exit 0; fi
if [ ! -f "payload/$1/repeatable" ]; then timeout -k 1 20 sync; fi
printf '%s\\n' $code >"attempts/$1.$2.new" && mv -f "attempts/$1.$2.new" "attempts/$1.$2"
sync "attempts/$1.$2" 2>/dev/null || sync
`

/** What the actions of a plan are made of; sourced by each step's `run.sh`. */
export const actionLibrary = `
put_file() { # source target mode owner
  target=$2
  if [ -L "$target" ]; then target=$(readlink -f "$target"; echo x); target=\${target%??}; fi
  if [ -d "$target" ]; then echo "$target is a directory"; return 1; fi
  parent=\${target%/*}
  (umask 022; mkdir -p -- "\${parent:-/}") || return 1
  if [ -f "$target" ] && [ "$(sum_of "$target")" = "$(sum_of "$1")" ]; then
    chown -- "$4" "$target" && chmod -- "$3" "$target"
    return
  fi
  new=$parent/.mothership.new
  rm -f -- "$new"
  if ! { copy "$1" "$new" && chown -- "$4" "$new" && chmod -- "$3" "$new" && keep "$new" &&
    mv -f -- "$new" "$target"; }; then
    rm -f -- "$new"
    return 1
  fi
  keep "\${parent:-/}"
}
copy() { (umask 077; set -C; cat <"$1" >"$2"); }
keep() { sync "$1" 2>/dev/null || sync; }
sum_of() { sum=$(sha256sum <"$1") && printf '%s' "\${sum%% *}"; }

# The size before the first try is kept, so that a try that was cut off does not append twice.
append_file() { # source target mode owner mark
  mkdir -p append || return 1
  if [ ! -e "$2" ]; then
    if [ ! -s "$5" ]; then echo 0 >"$5" && keep "$5" || return 1; fi
    put_file "$1" "$2" "$3" "$4"
    return
  fi
  if [ ! -f "$2" ]; then echo "$2 is not a file"; return 1; fi
  if [ ! -s "$5" ]; then wc -c <"$2" >"$5" && keep "$5" || return 1; fi
  before=$(($(cat "$5")))
  added=$(($(wc -c <"$1")))
  tail -c +$((before + 1)) "$2" | head -c $added >append/there
  if [ "$(sum_of append/there)" = "$(sum_of "$1")" ]; then
    chown -- "$4" "$2" && chmod -- "$3" "$2"
    return
  fi
  (umask 077; cat "$2" "$1" >append/whole) || return 1
  put_file append/whole "$2" "$3" "$4"
}

install_artifact() { # sha256 target mode owner
  if [ -f "$2" ] && [ "$(sum_of "$2")" = "$1" ]; then
    echo "kept $2"
    chown -- "$4" "$2" && chmod -- "$3" "$2"
    return
  fi
  if [ ! -f "../artifacts/$1" ]; then echo "artifact $1 for $2 was not uploaded"; return 1; fi
  if [ "$(sum_of "../artifacts/$1")" != "$1" ]; then echo "artifact $1 for $2 is damaged"; return 1; fi
  put_file "../artifacts/$1" "$2" "$3" "$4" && echo "installed $2"
}
`
