import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { validateStructural } from "#schema"
import { customKinds } from "./custom-kinds.ts"
import facts from "./testdata/cluster-api-crds.gen.json" with { type: "json" }
import { crdDifferences, type CrdFacts } from "./testing/crd-differences.ts"

function kindFor({ group, names }: CrdFacts) {
  const kind = customKinds.find((kind) => kind.group === group && kind.kind === names.kind)
  if (!kind) throw new Error(`no kind ${names.kind} in ${group}`)
  return kind
}

describe("Cluster API", () => {
  test.each(facts as unknown as readonly CrdFacts[])(
    "$names.kind says what upstream's CRD says in every version",
    (crd) => {
      expect(crdDifferences(kindFor(crd), crd)).toEqual([])
    },
  )
})

/** Where k0smotron's kinds differ on purpose. */
const allowed: readonly { readonly reason: string; readonly difference: RegExp }[] = [
  {
    reason: "optional fields of ours: trust in host keys, artifacts, progress, claims, cleaning",
    difference:
      /\.(hostKey|hostKeyPolicy|artifacts|status\.bootstrap|machineRef\.claim): ours .*, theirs undefined$/,
  },
  {
    reason: "a pool item says whether its host is clean",
    difference: /^v1beta2\.status\.conditions: ours .*, theirs undefined$/,
  },
  {
    reason: "conditions merge by type, so that several writers can own one each",
    difference: /^v1beta2\.status\.conditions\.@list-(type: ours "map"|map-keys: ours \["type"\])/,
  },
  {
    reason: "a Job template is kept as it is and judged by whoever creates the Job",
    difference: /\.provisionJob\.jobSpecTemplate\.(@preserve-unknown-fields|metadata|spec): /,
  },
]

/** A CustomResourceDefinition as JSON, without descriptions. */
interface Manifest {
  readonly spec: {
    readonly group: string
    readonly scope: string
    readonly names: CrdFacts["names"]
    readonly versions: readonly {
      readonly name: string
      readonly deprecated?: boolean
      readonly subresources?: unknown
      readonly additionalPrinterColumns?: readonly unknown[]
      readonly schema: { readonly openAPIV3Schema: unknown }
    }[]
  }
}

function factsOf({ spec }: Manifest): CrdFacts {
  const versions = spec.versions.map((version) => ({
    name: version.name,
    deprecated: version.deprecated ?? false,
    subresources: version.subresources ?? {},
    columns: version.additionalPrinterColumns ?? [],
    schema: version.schema.openAPIV3Schema,
  }))
  return { group: spec.group, scope: spec.scope, names: spec.names, versions }
}

describe("k0smotron", () => {
  test("its machine kinds differ only where we say so", (context) => {
    const directory = process.env["MOTHERSHIP_K0SMOTRON_CRDS"]
    if (directory === undefined) {
      return context.skip("set MOTHERSHIP_K0SMOTRON_CRDS to a directory of its CRDs as JSON")
    }
    const crds = readdirSync(directory)
      .filter((name) => name.startsWith("infrastructure.cluster.x-k8s.io_"))
      .map((name) => JSON.parse(readFileSync(join(directory, name), "utf8")) as Manifest)
      .map(factsOf)
    expect(crds).toHaveLength(5)
    const differences = crds.flatMap((crd) => crdDifferences(kindFor(crd), crd))
    expect(
      differences.filter((line) => !allowed.some(({ difference }) => difference.test(line))),
    ).toEqual([])
    for (const { difference, reason } of allowed) {
      expect(
        differences.some((line) => difference.test(line)),
        reason,
      ).toBe(true)
    }
  })
})

test.each(customKinds)("$kind has structural schemas, described at every field", (kind) => {
  for (const version of kind.versions) {
    expect(validateStructural(version.schema, "schema")).toEqual([])
    expect(version.schema.properties?.["spec"]?.description).toMatch(/\.$/)
  }
})

test("every kind carries the labels of both contracts and serves the versions that they name", () => {
  for (const kind of customKinds) {
    for (const contract of ["v1beta1", "v1beta2"]) {
      const version = kind.labels[`cluster.x-k8s.io/${contract}`]
      expect(kind.versions.map(({ name }) => name)).toContain(version)
    }
    expect(kind.versions[0]?.name).toBe(kind.version)
  }
})
