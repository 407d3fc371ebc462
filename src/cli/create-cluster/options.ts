import { readFile } from "node:fs/promises"
import { messageOf } from "#base"
import { CommandError } from "../environment.ts"
import type { ObjectOptions } from "../object-options.ts"
import type { ClusterPlan, SshKey } from "./cluster-plan.ts"
import { parseHostList, refuseDuplicates } from "./host-address.ts"
import { checkRanges, isEncryptedKey } from "./option-checks.ts"

/** The options of `create cluster`, as they are written. */
export interface CreateClusterOptions extends ObjectOptions {
  readonly controlPlane: string
  readonly workers?: string | undefined
  readonly sshKey: string
  readonly sshKeyPassphraseFile?: string | undefined
  readonly kubernetesVersion: string
  readonly artifacts?: string | undefined
  readonly cni: string
  readonly podCidr: string
  readonly serviceCidr: string
  readonly timeoutMinutes: number
  readonly dryRun?: boolean | undefined
  readonly output?: string | undefined
  readonly up?: boolean | undefined
  /** Of the plane that `up` starts. */
  readonly listen: string
}

/** Reads and checks everything that can be checked without a plane. Errors: `CommandError`. */
export async function readClusterPlan(
  name: string,
  options: CreateClusterOptions,
): Promise<Omit<ClusterPlan, "namespace">> {
  const { kubernetesVersion, podCidr, serviceCidr } = options
  if (!/^[a-z]([a-z0-9-]{0,39}[a-z0-9])?$/.test(name)) {
    throw new CommandError(
      `${JSON.stringify(name)} cannot name a cluster: a small letter, then small letters, digits ` +
        "and dashes, 41 at most",
    )
  }
  if (!/^v1\.\d+\.\d+([-+][0-9A-Za-z.-]+)?$/.test(kubernetesVersion)) {
    throw new CommandError(`${JSON.stringify(kubernetesVersion)} is not a version such as v1.34.4`)
  }
  checkRanges(podCidr, serviceCidr)
  const controlPlane = parseHostList(options.controlPlane)
  const workers = parseHostList(options.workers ?? "")
  if (controlPlane.length === 0) throw new CommandError("--control-plane names no host")
  refuseDuplicates([...controlPlane, ...workers])
  return {
    name,
    controlPlane,
    workers,
    kubernetesVersion,
    artifacts:
      options.artifacts === "none"
        ? undefined
        : (options.artifacts ?? `kubernetes-${kubernetesVersion}`),
    podCidr,
    serviceCidr,
    sshKey: await readSshKey(options),
  }
}

async function readSshKey(options: CreateClusterOptions): Promise<SshKey> {
  const { sshKey, sshKeyPassphraseFile } = options
  const pem = await readSecret(sshKey)
  if (!pem.includes("PRIVATE KEY-----")) {
    const hint = pem.startsWith("ssh-") ? "; it is the public one" : ""
    throw new CommandError(`${sshKey} is not a private key${hint}`)
  }
  if (!sshKeyPassphraseFile && isEncryptedKey(pem)) {
    throw new CommandError(
      `${sshKey} opens with a passphrase only: name a file that has it, with ` +
        "--ssh-key-passphrase-file FILE",
    )
  }
  if (!sshKeyPassphraseFile) return { pem }
  return { pem, passphrase: (await readSecret(sshKeyPassphraseFile)).replace(/\r?\n$/, "") }
}

async function readSecret(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8")
  } catch (error) {
    throw new CommandError(`read ${file}: ${messageOf(error)}`, { cause: error })
  }
}
