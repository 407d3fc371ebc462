import { KubeadmConfigKind, SecretKind } from "#apis"
import { clusterSecret, isOwnedBy, ownerReference } from "#contract"
import { done, type Outcome } from "#controller"
import { isAlreadyExists } from "#meta"
import { userFiles } from "../host-files.ts"
import { bootstrapData, type BootstrapInput } from "../bootstrap-data.ts"
import { hostUsers } from "../host-users.ts"
import { type KubeadmConfigScope, notAvailable, type Owners } from "./kubeadm-config-access.ts"

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
