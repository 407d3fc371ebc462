import type { BootstrapData } from "#contract"
import { type HostFacts, type Plan, planIdOf, type PlanStep } from "#remote"

import { artifactSteps, filesForRole, runtimeSteps } from "../artifacts/artifact-steps.ts"
import type { ArtifactManifest } from "../artifacts/manifest.ts"
import { cloudConfigPlan, readCloudConfig } from "./cloud-config-plan.ts"
import { resolveHostNames } from "./host-name.ts"
import { ProvisionError } from "./provision-error.ts"

export interface PreparationInput {
  readonly artifacts: ArtifactManifest | undefined
  readonly role: "control-plane" | "worker"
  /** Where our files lie on the host. */
  readonly rootDir: string
}

export interface BootstrapPlanInput extends PreparationInput {
  readonly data: BootstrapData
  readonly commandsAsScript: boolean
  /** The file that says that the bootstrap succeeded. */
  readonly sentinel: string
}

/** A plan and its name on the host. */
export interface NamedPlan {
  readonly name: string
  readonly content: Plan
}

/** What the names of all preparations begin with. */
export const preparationPrefix = "prepare-"

/**
 * What can be done before there is bootstrap data: the artifact set. Undefined when there is none.
 * The name follows from the content, so that another set is another plan.
 */
export function preparationPlan(input: PreparationInput, facts: HostFacts): NamedPlan | undefined {
  const { artifacts, role, rootDir } = input
  if (!artifacts) return undefined
  if (artifacts.architecture !== facts.architecture) {
    const message = `artifact set ${artifacts.name} is for ${artifacts.architecture}, the host is ${facts.architecture}`
    throw new ProvisionError("ArtifactsMissing", message)
  }
  const files = filesForRole(artifacts, role)
  if (files.length === 0) return undefined
  const content: Plan = { version: 1, steps: artifactSteps(files, rootDir) }
  return { name: `${preparationPrefix}${planIdOf(content).slice(0, 12)}`, content }
}

/** What makes a host a node: the bootstrap data's own steps, and the proof. */
export function bootstrapPlan(input: BootstrapPlanInput, hostname: string): NamedPlan {
  const own = ownPlan(input, hostname)
  const files = input.artifacts ? filesForRole(input.artifacts, input.role) : []
  const steps = [...runtimeSteps(files), ...own.steps, sentinelStep(input.sentinel)]
  return { name: "bootstrap", content: { ...own, steps } }
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
