import { s, type TypeOf } from "#schema"

const failureDomain = s.object("Part of the infrastructure that fails on its own.", {
  name: s.string("Name of the failure domain.", { minLength: 1, maxLength: 256 }),
  controlPlane: s.optional(s.boolean("Whether control plane machines may be placed here.")),
  attributes: s.optional(
    s.map("What the provider says about the domain.", s.string("Attribute value.")),
  ),
})

export type FailureDomain = TypeOf<typeof failureDomain>

/** A list of failure domains, merged by name. */
export function failureDomains(description: string) {
  return s.list(description, failureDomain, { minItems: 1, maxItems: 100, key: ["name"] })
}
