import type { Host, HostFacts } from "./host.ts"
import { HostOperationError } from "./host-error.ts"
import { assign } from "./remote-shell.ts"
import { quote } from "./shell-quote.ts"

const factsScript = `
LC_ALL=C; export LC_ALL
say() { printf '%s\\t%s\\n' "$1" "$2"; }
first() { if [ -r "$1" ]; then IFS= read -r line <"$1"; say "$2" "$line"; fi; }
say hostname "$(uname -n)"
say machine "$(uname -m)"
say kernel "$(uname -r)"
(
  if [ -r /etc/os-release ]; then . /etc/os-release; else . /usr/lib/os-release; fi
  say osId "\${ID:-}"; say osVersion "\${VERSION_ID:-}"; say osName "\${PRETTY_NAME:-}"
) 2>/dev/null
if [ -d /run/systemd/system ]; then say init systemd; else say init other; fi
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then say cgroup 2; else say cgroup 1; fi
first /etc/machine-id machineId
first /proc/sys/kernel/random/boot_id bootId
say cpus "$(grep -c '^processor' /proc/cpuinfo 2>/dev/null)"
while read -r key value unit; do
  case $key in
  MemTotal:) say memoryKib "$value" ;;
  SwapTotal:) say swapKib "$value" ;;
  esac
done </proc/meminfo
ip -o addr show scope global 2>/dev/null | while read -r n name family address rest; do
  say address "\${address%%/*}"
done
first "$root/owner" owner
for path in $paths; do if [ -e "$path" ]; then say state "$path"; fi; done
exit 0
`

const architectures: Readonly<Record<string, string>> = {
  x86_64: "amd64",
  aarch64: "arm64",
  armv7l: "arm",
  i686: "386",
  ppc64le: "ppc64le",
  s390x: "s390x",
  riscv64: "riscv64",
}

/** Asks a host about itself; changes nothing there. */
export async function readFacts(host: Host): Promise<HostFacts> {
  const { rootDir, statePaths } = host.layout
  const script =
    assign({ root: rootDir }) + factsScript.replace("$paths", statePaths.map(quote).join(" "))
  const result = await host.run(script, { timeoutMs: 30_000 })
  if (result.exitCode !== 0) {
    throw new HostOperationError(`read facts of ${host.address.address}: ${result.stderr.trim()}`)
  }
  return parseFacts(result.stdout)
}

function parseFacts(text: string): HostFacts {
  const pairs = text.split("\n").flatMap((line) => {
    const tab = line.indexOf("\t")
    return tab < 0 ? [] : [[line.slice(0, tab), line.slice(tab + 1).trim()] as const]
  })
  const all = (key: string): string[] => pairs.filter(([k]) => k === key).map(([, value]) => value)
  const one = (key: string): string => all(key)[0] ?? ""
  const machine = one("machine")
  return {
    hostname: one("hostname"),
    operatingSystem: { id: one("osId"), version: one("osVersion"), prettyName: one("osName") },
    architecture: architectures[machine] ?? machine,
    kernel: one("kernel"),
    init: one("init") === "systemd" ? "systemd" : "other",
    cgroupVersion: one("cgroup") === "2" ? 2 : 1,
    machineId: one("machineId"),
    bootId: one("bootId"),
    cpus: Number(one("cpus")) || 0,
    memoryBytes: (Number(one("memoryKib")) || 0) * 1024,
    swapBytes: (Number(one("swapKib")) || 0) * 1024,
    addresses: all("address"),
    owner: all("owner")[0],
    statePaths: all("state"),
  }
}

/** Which of these commands the host does not have; changes nothing there. */
export async function missingCommands(host: Host, names: readonly string[]): Promise<string[]> {
  const list = names.map(quote).join(" ")
  const script = `for c in ${list}; do command -v -- "$c" >/dev/null 2>&1 || printf '%s\\n' "$c"; done`
  const result = await host.run(names.length > 0 ? script : "true", { timeoutMs: 30_000 })
  return result.stdout.split("\n").filter((line) => line !== "")
}
