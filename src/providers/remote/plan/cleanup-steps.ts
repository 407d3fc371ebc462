import { type PlanStep, quote } from "#remote"

export interface CleanupInput {
  /** The user's own commands: they stand for all that we would do. */
  readonly commands: readonly string[] | undefined
  /** Paths that must be gone before the host counts as clean; none are asked about when empty. */
  readonly statePaths: readonly string[]
}

/** What cleans a host. Each step looks for itself what there is to do, and may run again. */
export function cleanupSteps({ commands, statePaths }: CleanupInput): PlanStep[] {
  const own = commands
    ? commands.map((text, index) => ({
        name: `clean-up-command-${index + 1}`,
        title: `Clean-up command ${index + 1} of ${commands.length}`,
        action: { kind: "command", command: text, shared: true } as const,
        check: "exit 1",
      }))
    : usualSteps
  return [...own, ...(statePaths.length > 0 ? [verifyStep(statePaths)] : [])]
}

function step(name: string, title: string, command: string, timeoutSeconds = 300): PlanStep {
  return { name, title, action: { kind: "command", command }, check: "exit 1", timeoutSeconds }
}

/**
 * `k0s reset` and `kubeadm reset` speak to an etcd that may be gone with its cluster, so only what
 * they leave behind decides, which the last step looks at.
 */
const usualSteps: readonly PlanStep[] = [
  step(
    "reset-k0s",
    "Take k0s off the host",
    `PATH=$PATH:/usr/local/bin
[ -e /var/lib/k0s ] || [ -e /etc/systemd/system/k0scontroller.service ] ||
  [ -e /etc/systemd/system/k0sworker.service ] || exit 0
command -v k0s >/dev/null || exit 0
if [ -e /etc/systemd/system/k0scontroller.service ] || [ -e /etc/init.d/k0scontroller ]; then
  timeout 60 k0s etcd leave || echo "k0s etcd leave failed; going on"
fi
k0s stop || echo "k0s stop failed; going on"
k0s reset || echo "k0s reset failed; going on"
`,
    900,
  ),
  step(
    "reset-kubeadm",
    "Take the node apart (kubeadm reset)",
    `if ! [ -e /etc/kubernetes/kubelet.conf ] && ! [ -e /etc/kubernetes/manifests ] &&
  ! [ -e /var/lib/kubelet/config.yaml ] && ! [ -e /var/lib/etcd/member ]; then exit 0; fi
if command -v kubeadm >/dev/null; then
  kubeadm reset -f || echo "kubeadm reset failed; going on"
fi
if command -v systemctl >/dev/null; then systemctl stop kubelet 2>/dev/null; fi
exit 0
`,
    900,
  ),
  step(
    "clean-network",
    "Take pod networks and their packet filter rules away",
    `PATH=$PATH:/usr/sbin:/sbin:/usr/local/bin
if command -v ctr >/dev/null; then
  proxy=$(ctr -n k8s.io images ls -q 2>/dev/null | grep '/kube-proxy:' | tail -n 1)
  if [ -n "$proxy" ]; then
    ctr -n k8s.io run --rm --privileged --net-host "$proxy" "cleanup-$$" \\
      /usr/local/bin/kube-proxy --cleanup || echo "kube-proxy --cleanup failed; going on"
  fi
fi
for tool in iptables ip6tables; do
  command -v $tool-save >/dev/null && command -v $tool-restore >/dev/null || continue
  if $tool-save 2>/dev/null | grep -Eq 'KUBE-|FLANNEL|CNI-|cali-'; then
    $tool-save | grep -Ev 'KUBE-|FLANNEL|CNI-|cali-' | $tool-restore
  fi
done
if command -v nft >/dev/null; then
  nft delete table ip kube-proxy 2>/dev/null
  nft delete table ip6 kube-proxy 2>/dev/null
  nft delete table inet flannel-ipv4 2>/dev/null
  nft delete table inet flannel-ipv6 2>/dev/null
fi
for link in cni0 flannel.1 kube-ipvs0 nodelocaldns vxlan.calico; do
  ip link delete "$link" 2>/dev/null
done
rm -rf /etc/cni/net.d/*flannel* /etc/cni/net.d/*calico* /etc/cni/net.d/calico-kubeconfig \\
  /etc/cni/net.d/*cilium* /var/lib/cni /run/flannel /run/calico
exit 0
`,
  ),
  step(
    "clean-files",
    "Remove the node's data",
    `rm -rf /etc/kubernetes/*.conf /etc/kubernetes/manifests /etc/kubernetes/pki \\
  /etc/kubernetes/kubeadm /etc/kubernetes/tmp /run/kubeadm /run/cluster-api \\
  /var/lib/etcd/member || exit 1
[ ! -d /var/lib/kubelet ] || find /var/lib/kubelet -xdev -mindepth 1 -delete 2>/dev/null
rm -f /var/lib/kubelet/config.yaml /var/lib/kubelet/kubeadm-flags.env
`,
  ),
]

function verifyStep(statePaths: readonly string[]): PlanStep {
  const list = statePaths.map(quote).join(" ")
  return step(
    "check-clean",
    "Check that nothing is left",
    `left=
for path in ${list}; do if [ -e "$path" ]; then left="$left $path"; fi; done
if [ -n "$left" ]; then echo "still there:$left" >&2; exit 1; fi
`,
  )
}
