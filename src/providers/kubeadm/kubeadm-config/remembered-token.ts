import type { KubeadmConfig } from "#apis"
import type { KubeadmConfigScope } from "./kubeadm-config-access.ts"

/** Those who join by a discovery file need no token of ours. */
export function joinsByFile({ spec }: KubeadmConfig): boolean {
  return spec?.joinConfiguration?.discovery?.file !== undefined
}

/** The join token lives where upstream keeps it: in the configuration itself. */
export function rememberedToken({ spec }: KubeadmConfig): string | undefined {
  return spec?.joinConfiguration?.discovery?.bootstrapToken?.token
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
