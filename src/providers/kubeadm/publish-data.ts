import { type KubeadmConfig, KubeadmConfigKind, SecretKind } from "#apis"
import { clusterSecret, isOwnedBy, ownerReference } from "#contract"
import { done, type Outcome, waitFor } from "#controller"
import { isAlreadyExists } from "#meta"
import { hostUsers, userFiles } from "./bootstrap-files.ts"
import { bootstrapData, type BootstrapInput } from "./bootstrap-text.ts"
import type { KubeadmConfigScope, Owners } from "./kubeadm-config.access.ts"

/** The join token lives where upstream keeps it: in the configuration itself. */
export function rememberedToken(config: KubeadmConfig): string | undefined {
  return config.spec?.joinConfiguration?.discovery?.bootstrapToken?.token
}

/** Written before anything uses the token, so that a crash in between finds the same one again. */
export async function rememberToken(scope: KubeadmConfigScope, token: string): Promise<void> {
  if (rememberedToken(scope.object) === token) return
  scope.edit((draft) => {
    const spec = (draft.spec ??= {})
    const joining = (spec.joinConfiguration ??= {})
    const discovery = (joining.discovery ??= {})
    discovery.bootstrapToken = { ...discovery.bootstrapToken, token }
  })
  await scope.flush()
}

export function notAvailable(message: string): Outcome {
  return waitFor("DataSecretNotAvailable", { message })
}

type PublishInput = Pick<BootstrapInput, "mode" | "keys" | "discovery">

/** Writes the Secret with the data, or finds the one an earlier pass wrote. */
export async function publishData(
  scope: KubeadmConfigScope,
  { machine, cluster }: Owners,
  input: PublishInput,
): Promise<Outcome> {
  const config = scope.object
  const { namespace, name } = config.metadata
  const key = { namespace, name }
  const files = await userFiles(scope, config)
  const users = await hostUsers(scope, config)
  const { spec = {} } = config
  const values = bootstrapData({ ...input, spec, machine, cluster, files, users })
  const owner = ownerReference(KubeadmConfigKind, config, { controller: true })
  const secret = clusterSecret(key, cluster.metadata.name, owner, values)
  try {
    await scope.create(SecretKind, secret)
  } catch (error) {
    if (!isAlreadyExists(error)) throw error
    const known = await scope.live(SecretKind, key)
    if (!known || !isOwnedBy(known, config)) {
      return notAvailable(`Secret ${name} is there already and belongs to somebody else`)
    }
    await scope.patch(SecretKind, key, { type: "merge", body: { data: secret.data } })
  }
  scope.editStatus((draft) => {
    draft.dataSecretName = name
  })
  return done
}
