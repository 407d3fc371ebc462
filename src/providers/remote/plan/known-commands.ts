import { bootstrapSentinel } from "#contract"
import { type PlanFile, type PlanStep, quote } from "#remote"

/** What is known about a command: how an interrupted run of it is judged and cleared away. */
export interface KnownCommand {
  readonly title?: string | undefined
  readonly check?: string | undefined
  readonly recover?: string | undefined
  readonly timeoutSeconds?: number | undefined
}

/** Commands that may simply run again. */
const repeatable =
  /^(?:mkdir -p|chmod|chown|swapoff|modprobe|sysctl|hostnamectl|rm -r?f|echo|touch|true|(?:[\w./-]*\/)?k0s start|systemctl (?:enable|start|restart|daemon-reload|stop|disable))(?= |$)/

const compound = /[;&|<`]|\$\(/

/**
 * What to ask about a command after an interruption. `files` are those that the plan wrote before:
 * `kubeadm reset` and a reboot take some of them away.
 */
export function knowCommand(text: string, files: readonly PlanFile[]): KnownCommand {
  if (/(?:^|[\s;&|(/])kubeadm\s+init(?=\s|$)/.test(text)) {
    return kubeadm("Create the control plane (kubeadm init)", text, { files, reset: resetScript })
  }
  if (/(?:^|[\s;&|(/])kubeadm\s+join(?=\s|$)/.test(text)) {
    return kubeadm("Join the cluster (kubeadm join)", text, { files, reset: leaveScript })
  }
  const install = /(?:^|[\s;&|(/])k0s\s+install\s+(controller|worker)(?=\s|$)/.exec(text)
  if (install) return k0sInstall(String(install[1]))
  if (/get\.k0s\.sh/.test(text)) return { title: "Download k0s", check: "exit 1" }
  const command = text.trim().replace(`> ${bootstrapSentinel}`, "")
  return repeatable.test(command) && !compound.test(command) ? { check: "exit 1" } : {}
}

/** What must be on a host before a plan can run there; names for a person. */
export function neededCommands(steps: readonly PlanStep[]): readonly string[] {
  const usesKubeadm = steps.some((step) => /\bkubeadm\s+(?:init|join)\b/.test(commandOf(step)))
  return usesKubeadm ? ["kubeadm", "kubelet"] : []
}

/**
 * True when a command of the user's runs before kubeadm does: it may be what installs it. Our own
 * steps may all be repeated, and say so by their check.
 */
export function preparesHost(steps: readonly PlanStep[]): boolean {
  const first = steps.findIndex((step) => /\bkubeadm\s+(?:init|join)\b/.test(commandOf(step)))
  return steps
    .slice(0, Math.max(first, 0))
    .some((step) => step.action.kind === "command" && step.check === undefined)
}

/** The command of a step as text; empty for other actions. */
export function commandOf({ action }: PlanStep): string {
  if (action.kind !== "command") return ""
  return typeof action.command === "string" ? action.command : action.command.join(" ")
}

function kubeadm(
  title: string,
  text: string,
  { files, reset }: { readonly files: readonly PlanFile[]; readonly reset: string },
): KnownCommand {
  const marksEnd = text.includes(bootstrapSentinel)
  return {
    title,
    timeoutSeconds: 1_800,
    check: `${marksEnd ? `[ -e ${bootstrapSentinel} ] && exit 0\n` : ""}${stateCheck}`,
    recover:
      reset +
      files
        .filter(({ append }) => !append)
        .map(restoreFile)
        .join(""),
  }
}

const stateCheck = `for path in /etc/kubernetes/kubelet.conf /etc/kubernetes/bootstrap-kubelet.conf \\
  /etc/kubernetes/admin.conf /var/lib/kubelet/config.yaml /var/lib/etcd/member; do
  if [ -e "$path" ]; then exit 2; fi
done
if [ -n "$(ls -A /etc/kubernetes/manifests 2>/dev/null)" ]; then exit 2; fi
exit 1
`

const resetScript = `kubeadm reset -f
rm -rf /etc/cni/net.d/*flannel* /var/lib/cni
set -e
`

/**
 * A node of that name that still counts as ready would be refused: it takes its cluster about 40 s
 * to notice that the kubelet is gone.
 */
const leaveScript = `registered=
if [ -e /etc/kubernetes/kubelet.conf ]; then registered=1; fi
kubeadm reset -f
rm -rf /etc/cni/net.d/*flannel* /var/lib/cni
if [ -n "$registered" ]; then sleep 60; fi
set -e
`

/** \`kubeadm reset\` deletes key pairs, a reboot what lies below /run. */
function restoreFile({ path, content, mode = "0644", owner = "root" }: PlanFile): string {
  const target = quote(path)
  return `mkdir -p "$(dirname ${target})"
(umask 077; base64 -d <<'END' >${target}
${content.replace(/.{1,76}/g, "$&\n")}END
)
chown ${quote(owner)} ${target}
chmod ${mode} ${target}
`
}

function k0sInstall(role: string): KnownCommand {
  return {
    title: `Install k0s as ${role}`,
    check: `for path in /etc/systemd/system/k0s${role}.service /etc/init.d/k0s${role}; do
  if [ -e "$path" ]; then exit 0; fi
done
exit 1
`,
  }
}
