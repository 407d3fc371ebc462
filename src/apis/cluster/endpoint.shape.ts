import { s } from "#schema"

/** Where the workload cluster's API server answers. */
export const controlPlaneEndpoint = s.object(
  "Where the cluster's API server is reached.",
  {
    host: s.optional(s.string("DNS name or address.", { minLength: 1, maxLength: 512 })),
    port: s.optional(s.int32("TCP port.", { minimum: 1, maximum: 65535 })),
  },
  { minProperties: 1 },
)
