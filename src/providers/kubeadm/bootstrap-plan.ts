import { bootstrapSentinel } from "#contract"
import type { Plan, PlanFile, PlanStep } from "#remote"
import type { HostFile } from "./host-files.ts"
import { type HostUser, userScript } from "./host-users.ts"

/**
 * Where our plans keep kubeadm's input: it outlives a reboot, and `kubeadm reset` leaves it alone.
 */
const inputDirectory = "/etc/kubernetes/kubeadm"
/** Where upstream's bootstrap data has it, and users' commands look for it. */
const usualDirectory = "/run/kubeadm"
const configurationNames = { init: "kubeadm.yaml", join: "kubeadm-join-config.yaml" } as const
const doneMarker = `${inputDirectory}/done`
/** What `kubeadm reset` empties, as it was before kubeadm ran for the first time. */
const snapshot = `${inputDirectory}/before`

export interface PlanParts {
  readonly mode: "init" | "join-worker" | "join-control-plane"
  /** kubeadm's configuration, as YAML. */
  readonly configuration: string
  /** Files of the cluster's key pairs, below `/etc/kubernetes/pki`. */
  readonly keyFiles: readonly HostFile[]
  readonly userFiles: readonly HostFile[]
  readonly users: readonly HostUser[]
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
      ...userSteps(parts.users),
      prepareStep,
      filesStep(parts),
      ...commandSteps("pre-kubeadm-command", "Command before kubeadm", parts.preCommands),
      kubeadmStep(parts),
      ...commandSteps("post-kubeadm-command", "Command after kubeadm", parts.postCommands),
      finishStep,
    ],
  }
}

function configurationFile(mode: PlanParts["mode"]): string {
  return `${inputDirectory}/${configurationNames[mode === "init" ? "init" : "join"]}`
}

const linkScript = `mkdir -p ${inputDirectory} && chmod 0700 ${inputDirectory} || exit 1
[ -e ${usualDirectory} ] || ln -sfn ${inputDirectory} ${usualDirectory}
`

const prepareStep: PlanStep = {
  name: "prepare-directories",
  title: "Prepare directories",
  action: { kind: "command", command: linkScript },
  check: "exit 1",
}

function userSteps(users: readonly HostUser[]): readonly PlanStep[] {
  return users.map((user, index) => ({
    name: `user-${index + 1}`,
    title: `Create user ${user.name}`,
    action: { kind: "command", command: userScript(user) },
    check: "exit 1",
  }))
}

function filesStep(parts: PlanParts): PlanStep {
  return {
    name: "write-files",
    title: "Write configuration and certificates",
    action: {
      kind: "files",
      files: [
        {
          path: configurationFile(parts.mode),
          content: Buffer.from(parts.configuration).toString("base64"),
          mode: "0600",
        },
        ...parts.keyFiles.map((file) => planFile(file)),
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

function kubeadmStep(parts: PlanParts): PlanStep {
  const verbosity = parts.verbosity === undefined ? "" : ` --v ${parts.verbosity}`
  const isInit = parts.mode === "init"
  return {
    name: isInit ? "kubeadm-init" : "kubeadm-join",
    title: isInit ? "Create the control plane (kubeadm init)" : "Join the cluster (kubeadm join)",
    timeoutSeconds: kubeadmTimeoutSeconds,
    action: {
      kind: "command",
      command: `set -e
${linkScript}${snapshotScript}
kubeadm ${isInit ? "init" : "join"} --config ${configurationFile(parts.mode)}${verbosity}
touch ${doneMarker}
`,
    },
    check: kubeadmCheck,
    recover: recoverScript,
  }
}

const snapshotScript = `if [ ! -d ${snapshot} ]; then
  rm -rf ${snapshot}.new
  mkdir -p /etc/kubernetes/pki /etc/kubernetes/manifests ${snapshot}.new
  cp -a /etc/kubernetes/pki /etc/kubernetes/manifests ${snapshot}.new/
  sync
  mv ${snapshot}.new ${snapshot}
fi`

/** kubeadm leaves nothing that says it got to its end; our marker does. */
const kubeadmCheck = `if [ -e ${doneMarker} ]; then exit 0; fi
if [ -d ${snapshot} ]; then exit 2; fi
exit 1
`

/** Nobody has used a node that never got ready: it can be taken apart and made again. */
const recoverScript = `kubeadm reset -f || exit 1
rm -rf /etc/cni/net.d/*flannel* /var/lib/cni
for link in cni0 flannel.1; do ip link delete "$link" 2>/dev/null; done
mkdir -p /etc/kubernetes/pki /etc/kubernetes/manifests
cp -a ${snapshot}/pki ${snapshot}/manifests /etc/kubernetes/
`

/**
 * Commands run in one shell's surroundings, as cloud-init's runcmd does; the host's name is filled
 * in.
 */
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
    command: `mkdir -p ${bootstrapSentinel.slice(0, bootstrapSentinel.lastIndexOf("/"))} || exit 1
echo success > ${bootstrapSentinel} || exit 1
if [ -L ${usualDirectory} ]; then rm -f ${usualDirectory}; fi
rm -rf ${inputDirectory}
`,
  },
  check: "exit 1",
}
