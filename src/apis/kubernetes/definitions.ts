import type { Definitions } from "#schema"
import generated from "./definitions.gen.json" with { type: "json" }

/**
 * The structural schemas of Kubernetes' own types by OpenAPI name, closed under `$ref`. A `$ref`
 * may have siblings (patch strategy, map type) that belong to the place, not to the type.
 */
export const definitions: Definitions = generated as unknown as Definitions
