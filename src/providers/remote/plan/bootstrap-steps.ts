import type { BootstrapData } from "#contract"
import type { HostFacts, Plan, PlanStep } from "#remote"

import { artifactSteps, filesForRole } from "../artifacts/artifact-steps.ts"
import type { ArtifactManifest } from "../artifacts/manifest.ts"
import { cloudConfigPlan, readCloudConfig } from "./cloud-config-plan.ts"
import { resolveHostNames } from "./host-name.ts"
import { ProvisionError } from "./provision-error.ts"

export interface BootstrapPlanInput {
  readonly data: BootstrapData
  readonly commandsAsScript: boolean
  readonly artifacts: ArtifactManifest | undefined
  readonly role: "control-plane" | "worker"
  /** Where our files lie on the host. */
  readonly rootDir: string
  /** The file that says that the bootstrap succeeded. */
  readonly sentinel: string
}

/** Everything that makes a host a node: artifacts, the bootstrap data's own steps, the proof. */
export function bootstrapPlan(input: BootstrapPlanInput, facts: HostFacts): Plan {
  const { artifacts, role, rootDir, sentinel } = input
  const own = ownPlan(input, facts.hostname)
  if (artifacts && artifacts.architecture !== facts.architecture) {
    const message = `artifact set ${artifacts.name} is for ${artifacts.architecture}, the host is ${facts.architecture}`
    throw new ProvisionError("ArtifactsMissing", message)
  }
  const files = artifacts ? filesForRole(artifacts, role) : []
  return {
    ...own,
    steps: [
      ...(files.length > 0 ? artifactSteps(files, rootDir) : []),
      ...own.steps,
      sentinelStep(sentinel),
    ],
  }
}

/**
 * What the bootstrap provider asks for. Throws ProvisionError for data that is not for us: a plan
 * does no more than its cloud-config could.
 */
function ownPlan({ data, commandsAsScript }: BootstrapPlanInput, hostname: string): Plan {
  if (data.plan) {
    readCloudConfig(data.value, hostname)
    return resolveHostNames(data.plan, hostname)
  }
  if (data.format !== "cloud-config") {
    const message = `the bootstrap data has format ${data.format}; only cloud-config can be run over SSH`
    throw new ProvisionError("UnsupportedBootstrapFormat", message)
  }
  return cloudConfigPlan(data.value, { hostname, commandsAsScript })
}

/**
 * Below /run, so a reboot right before this step takes it away: that is a question for a person.
 */
function sentinelStep(sentinel: string): PlanStep {
  return {
    name: "check-sentinel",
    title: "Check that the bootstrap says it succeeded",
    action: {
      kind: "command",
      command: `if [ ! -e ${sentinel} ]; then\n  echo "every command succeeded, but ${sentinel} is not there" >&2\n  exit 1\nfi\n`,
    },
    check: "exit 1",
  }
}
