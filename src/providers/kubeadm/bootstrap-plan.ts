import { bootstrapSentinel } from "#contract"
import type { Plan, PlanFile, PlanStep } from "#remote"
import type { HostFile } from "./bootstrap-files.ts"

/** Where our plans keep kubeadm's input: it outlives a reboot, and `kubeadm reset` leaves it alone. */
const inputDirectory = "/etc/kubernetes/kubeadm"
const initFile = `${inputDirectory}/kubeadm.yaml`
const joinFile = `${inputDirectory}/kubeadm-join-config.yaml`
const doneMarker = `${inputDirectory}/done`

export interface PlanParts {
  readonly mode: "init" | "join-worker" | "join-control-plane"
  /** kubeadm's configuration, as YAML. */
  readonly configuration: string
  /** Files of the cluster's key pairs, below `/etc/kubernetes/pki`. */
  readonly keyFiles: readonly HostFile[]
  readonly userFiles: readonly HostFile[]
  readonly bootCommands: readonly string[]
  readonly preCommands: readonly string[]
  readonly postCommands: readonly string[]
  readonly verbosity: number | undefined
  readonly secrets: readonly string[]
}

const kubeadmTimeoutSeconds = 1_200

/** The steps that make a host a node, each with what to do when it was interrupted. */
export function bootstrapPlan(parts: PlanParts): Plan {
  return {
    version: 1,
    secrets: parts.secrets,
    steps: [
      ...commandSteps("boot-command", "Boot command", parts.bootCommands),
      filesStep(parts),
      resolveNamesStep,
      ...commandSteps("pre-kubeadm-command", "Command before kubeadm", parts.preCommands),
      kubeadmStep(parts),
      ...commandSteps("post-kubeadm-command", "Command after kubeadm", parts.postCommands),
      finishStep,
    ],
  }
}

function filesStep(parts: PlanParts): PlanStep {
  const configuration = parts.mode === "init" ? initFile : joinFile
  const keys = parts.keyFiles.map((file) => ({
    ...planFile(file),
    path: file.path.replace("/etc/kubernetes/pki", `${inputDirectory}/pki`),
  }))
  return {
    name: "write-files",
    title: "Write configuration and certificates",
    action: {
      kind: "files",
      files: [
        { path: configuration, content: base64(parts.configuration), mode: "0600" },
        ...keys,
        ...parts.userFiles.map((file) => planFile(file)),
      ],
    },
  }
}

function planFile(file: HostFile): PlanFile {
  return {
    path: file.path,
    content: file.content.toString("base64"),
    mode: file.permissions.padStart(4, "0"),
    owner: file.owner,
    ...(file.append ? { append: true } : {}),
  }
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64")
}

/** Configurations name the host as cloud-init's templates do: `{{ ds.meta_data.local_hostname }}`. */
const resolveNamesStep: PlanStep = {
  name: "resolve-host-name",
  title: "Put the host's name into the configuration",
  action: {
    kind: "command",
    command: `name=$(hostname)\nfor file in ${initFile} ${joinFile}; do\n  [ -f "$file" ] || continue\n  sed -i "s/{{ *ds\\.meta_data\\.\\(local_\\)\\{0,1\\}hostname *}}/$name/g" "$file"\ndone\n`,
  },
  check: "exit 1",
}

function kubeadmStep(parts: PlanParts): PlanStep {
  const verbosity = parts.verbosity === undefined ? "" : ` --v ${parts.verbosity}`
  const placeKeys = `if [ -d ${inputDirectory}/pki ]; then\n  mkdir -p /etc/kubernetes/pki\n  cp -a ${inputDirectory}/pki/. /etc/kubernetes/pki/\nfi\n`
  const isInit = parts.mode === "init"
  const run = isInit ? `kubeadm init --config ${initFile}` : `kubeadm join --config ${joinFile}`
  return {
    name: isInit ? "kubeadm-init" : "kubeadm-join",
    title: isInit ? "Create the control plane (kubeadm init)" : "Join the cluster (kubeadm join)",
    timeoutSeconds: kubeadmTimeoutSeconds,
    action: {
      kind: "command",
      command: `set -e\n${placeKeys}${run}${verbosity}\ntouch ${doneMarker}\nsync\n`,
    },
    check: parts.mode === "join-worker" ? workerCheck : controlPlaneCheck,
    recover: recoverScript,
  }
}

/** kubeadm leaves nothing that says it got to its end; our marker does. */
const controlPlaneCheck = `[ -e ${doneMarker} ] && exit 0
if [ -e /etc/kubernetes/kubelet.conf ] || [ -e /etc/kubernetes/admin.conf ]; then exit 2; fi
if [ -d /etc/kubernetes/manifests ] && [ -n "$(ls -A /etc/kubernetes/manifests)" ]; then exit 2; fi
if [ -d /etc/kubernetes/pki ] && [ -n "$(ls -A /etc/kubernetes/pki)" ]; then exit 2; fi
exit 1
`

/** A worker whose kubelet has its own credentials is a node; little that matters comes after. */
const workerCheck = `[ -e ${doneMarker} ] && exit 0
if [ -e /etc/kubernetes/kubelet.conf ] && systemctl is-active --quiet kubelet; then exit 0; fi
if [ -e /etc/kubernetes/kubelet.conf ] || [ -e /etc/kubernetes/bootstrap-kubelet.conf ]; then exit 2; fi
if [ -e /var/lib/kubelet/config.yaml ]; then exit 2; fi
exit 1
`

/** Nobody has used a node that never got ready: it can be taken apart and made again. */
const recoverScript = `kubeadm reset -f
rm -rf /etc/cni/net.d/*flannel* /var/lib/cni
exit 0
`

function commandSteps(
  name: string,
  title: string,
  commands: readonly string[],
): readonly PlanStep[] {
  return commands.map((command, index) => ({
    name: `${name}-${index + 1}`,
    title: commands.length === 1 ? title : `${title} ${index + 1} of ${commands.length}`,
    action: { kind: "command", command, shared: true },
  }))
}

const finishStep: PlanStep = {
  name: "finish",
  title: "Mark the bootstrap as done",
  action: {
    kind: "command",
    command: `mkdir -p ${bootstrapSentinel.slice(0, bootstrapSentinel.lastIndexOf("/"))}\necho success > ${bootstrapSentinel}\nrm -rf ${inputDirectory}\n`,
  },
  check: "exit 1",
}
