import { ApiError } from "#meta"

/** The representation a client asked for. */
export type Representation =
  | { readonly kind: "object" }
  | { readonly kind: "table"; readonly version: "v1" | "v1beta1" }
  | { readonly kind: "metadata" }

interface MediaType {
  readonly type: string
  readonly parameters: Readonly<Record<string, string>>
}

/** The media types of an `Accept` header, in the client's order. */
export function mediaTypes(accept: string | undefined): readonly MediaType[] {
  return (accept ?? "*/*").split(",").map((entry) => {
    const [type = "", ...parameters] = entry.split(";").map((part) => part.trim())
    return {
      type: type.toLowerCase(),
      parameters: Object.fromEntries(
        parameters.map((parameter) => {
          const equals = parameter.indexOf("=")
          return [parameter.slice(0, equals), parameter.slice(equals + 1)]
        }),
      ) as Record<string, string>,
    }
  })
}

export function acceptsJson(media: MediaType): boolean {
  return media.type === "application/json" || media.type === "*/*" || media.type === "application/*"
}

/** The first representation in the client's list that we have. Errors: `NotAcceptable`. */
export function representationOf(accept: string | undefined): Representation {
  for (const media of mediaTypes(accept)) {
    if (!acceptsJson(media)) continue
    const { as, v, g } = media.parameters
    if (as === undefined || g !== "meta.k8s.io") {
      if (as === undefined) return { kind: "object" }
      continue
    }
    if (as === "Table" && (v === "v1" || v === "v1beta1")) return { kind: "table", version: v }
    if (as.startsWith("PartialObjectMetadata")) return { kind: "metadata" }
  }
  throw new ApiError(
    406,
    "NotAcceptable",
    "only the following media types are accepted: application/json",
  )
}
