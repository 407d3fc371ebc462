import { type Clock, formatTime, isObject } from "#base"
import { ApiError, type ApiObject, notFound } from "#meta"
import type { TokenSigner } from "#pki"
import type { Authenticator } from "../authentication/authenticator.ts"
import type { RbacAuthorizer } from "../authorization/rbac.ts"
import type { WriteCall } from "../call.ts"
import type { ResourceRegistry } from "../registry.ts"
import type { Verbs } from "../verbs/verbs.ts"
import type { SubresourceHandlers } from "./handler.ts"
import { addReviews } from "./reviews.ts"
import { scaleHandler } from "./scale.ts"

export interface BuiltinHandlerOptions {
  readonly verbs: Verbs
  readonly registry: ResourceRegistry
  readonly rbac: RbacAuthorizer
  readonly authenticator: Authenticator
  readonly tokens: { readonly signer: TokenSigner; readonly issuer: string }
  readonly clock: Clock
}

/** The subresources of Kubernetes' own kinds that are more than a part of the object. */
export function addBuiltinHandlers(
  handlers: SubresourceHandlers,
  options: BuiltinHandlerOptions,
): void {
  const { verbs, rbac, authenticator, tokens, clock } = options
  handlers.add({ group: "*", plural: "*" }, "scale", scaleHandler(verbs))
  handlers.add({ group: "", plural: "namespaces" }, "finalize", {
    update: async (call, body) => (await verbs.update(call, body)).object,
  })
  handlers.add({ group: "", plural: "serviceaccounts" }, "token", {
    create: (call, body) => requestToken(options, call, body),
  })
  addReviews(handlers, {
    rbac,
    authenticator,
    issuer: tokens.issuer,
    nowMs: () => clock.now(),
  })
}

const expirationMinSeconds = 600
const expirationDefaultSeconds = 3_600
const expirationMaxSeconds = 2 ** 32

/** `serviceaccounts/NAME/token`. Errors: `NotFound`, `Invalid`. */
async function requestToken(
  options: BuiltinHandlerOptions,
  call: WriteCall,
  body: unknown,
): Promise<ApiObject> {
  const { tokens, clock, verbs } = options
  const account = verbs.get(call)
  const spec = isObject(body) && isObject(body["spec"]) ? body["spec"] : {}
  const expirationSeconds = Number(spec["expirationSeconds"] ?? expirationDefaultSeconds)
  if (expirationSeconds < expirationMinSeconds || expirationSeconds > expirationMaxSeconds) {
    throw new ApiError(
      422,
      "Invalid",
      `TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: ${expirationSeconds}: may not specify a duration less than 10 minutes`,
    )
  }
  const wanted = Array.isArray(spec["audiences"]) ? (spec["audiences"] as string[]) : []
  const audiences = wanted.length > 0 ? wanted : [tokens.issuer]
  const issued = await tokens.signer.sign({
    namespace: account.namespace,
    serviceAccount: { name: account.name, uid: account.uid },
    ...boundObject(options, call, spec["boundObjectRef"]),
    audiences,
    expirationSeconds,
    nowMs: clock.now(),
  })
  return {
    kind: "TokenRequest",
    apiVersion: "authentication.k8s.io/v1",
    metadata: {
      name: account.name,
      namespace: account.namespace,
      uid: account.uid,
      creationTimestamp: formatTime(clock.now()),
    },
    spec: { ...spec, audiences, expirationSeconds },
    status: { token: issued.token, expirationTimestamp: formatTime(issued.expiresAtMs) },
  } as ApiObject
}

/** The Secret or Pod a token is to die with. Errors: `NotFound`. */
function boundObject(
  { registry, verbs }: BuiltinHandlerOptions,
  call: WriteCall,
  reference: unknown,
): object {
  if (!isObject(reference)) return {}
  const { kind, name } = reference
  const plural = kind === "Secret" ? "secrets" : kind === "Pod" ? "pods" : undefined
  const resource = plural && registry.find("", "v1", plural)
  if (!resource) throw new ApiError(422, "Invalid", `cannot bind a token to a ${String(kind)}`)
  const target = { ...call, resource, name: String(name), subresource: undefined }
  const record = verbs.get(target)
  if (reference["uid"] && reference["uid"] !== record.uid) {
    throw notFound({ group: "", plural }, String(name))
  }
  return { [kind === "Secret" ? "secret" : "pod"]: { name: record.name, uid: record.uid } }
}
