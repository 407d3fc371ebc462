import { annotation, type MachineSet } from "#apis"
import { type ControlPlaneFacts } from "#contract"
import type { UntypedObject } from "#meta"

export interface PreflightInput {
  readonly machineSet: MachineSet
  readonly controlPlane: Pick<ControlPlaneFacts, "version" | "currentVersion">
  /** How the control plane is named in messages. */
  readonly title: string
  /** Its annotation counts when the MachineSet has none. */
  readonly bootstrapTemplate: UntypedObject | undefined
}

const oldestMinorBehind = 3

/** Why no Machine is added now, one sentence each; none without a version to compare with. */
export function preflightProblems(input: PreflightInput): readonly string[] {
  const { machineSet, controlPlane, title } = input
  const skipped = skippedChecks(input)
  if (controlPlane.version === undefined || skipped.includes("All")) return []
  const problems: string[] = []
  const report = (check: string, problem: string | undefined): void => {
    if (problem === undefined || skipped.includes(check)) return
    problems.push(`${problem} ("${check}" preflight check failed)`)
  }
  report("ControlPlaneIsStable", unstable(controlPlane, title))
  const { version, bootstrap } = machineSet.spec.template.spec
  if (version !== undefined) {
    report("KubernetesVersionSkew", kubernetesSkew(version, controlPlane.version))
    const isKubeadm = bootstrap.configRef?.kind === "KubeadmConfigTemplate"
    if (isKubeadm) report("KubeadmVersionSkew", kubeadmSkew(version, controlPlane.version))
  }
  return problems
}

function skippedChecks({ machineSet, bootstrapTemplate }: PreflightInput): readonly string[] {
  const own = machineSet.metadata.annotations?.[annotation.skipPreflightChecks]
  const inherited = bootstrapTemplate?.metadata.annotations?.[annotation.skipPreflightChecks]
  return (own || inherited || "").split(",").map((name) => name.trim())
}

function unstable(
  { version, currentVersion }: PreflightInput["controlPlane"],
  title: string,
): string | undefined {
  if (currentVersion === undefined) return `${title} is provisioning`
  return currentVersion === version ? undefined : `${title} is upgrading`
}

function kubernetesSkew(version: string, controlPlane: string): string | undefined {
  const behind = minorOf(controlPlane) - minorOf(version)
  const versions = `MachineSet version (${version}) and control plane version (${controlPlane})`
  if (behind < 0) return `${versions} break the version skew policy: the MachineSet is newer`
  return behind > oldestMinorBehind
    ? `${versions} break the version skew policy: the MachineSet is more than ${oldestMinorBehind} minor versions older`
    : undefined
}

function kubeadmSkew(version: string, controlPlane: string): string | undefined {
  if (minorOf(version) === minorOf(controlPlane)) return undefined
  return `MachineSet version (${version}) and control plane version (${controlPlane}) differ: kubeadm joins only with the same minor version`
}

function minorOf(version: string): number {
  return Number(/^v?\d+\.(\d+)/.exec(version)?.[1] ?? Number.NaN)
}
