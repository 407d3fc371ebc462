import { s } from "#schema"

export const dnsSubdomainPattern = String.raw`^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`

export const kindPattern = "^[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?$"

export const objectName = s.string("Name of the object.", {
  minLength: 1,
  maxLength: 253,
  pattern: dnsSubdomainPattern,
})

const kindName = s.string("Kind of the object.", {
  minLength: 1,
  maxLength: 63,
  pattern: kindPattern,
})

/**
 * A reference to an object of a provider in the same namespace. It names no version: that is read
 * from the contract labels of the kind's CRD.
 */
export function contractRef(description: string) {
  return s.object(description, {
    apiGroup: s.string("API group of the object.", {
      minLength: 1,
      maxLength: 253,
      pattern: dnsSubdomainPattern,
    }),
    kind: kindName,
    name: objectName,
  })
}

/** A reference to a template, with the version it is written in. */
export function templateRef(description: string) {
  return s.object(description, {
    apiVersion: s.string("API group and version of the template.", {
      minLength: 1,
      maxLength: 317,
      pattern: String.raw`^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/[a-z]([-a-z0-9]*[a-z0-9])?$`,
    }),
    kind: kindName,
    name: objectName,
  })
}
