/**
 * Writes what Cluster API's CRDs say, without prose, as the fixture that `src/apis` is compared
 * with: `node tools/gen/crd-facts.ts DIR…`, where each DIR holds CRD manifests (`config/crd/bases`
 * of Cluster API's core, its kubeadm bootstrap provider and its docker provider). The committed
 * facts are those of v1.14.2, the docker provider's those of v1.14.0.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { parse } from "yaml"
import { isObject, type JsonObject } from "#base"

const output = join(import.meta.dirname, "../../src/apis/testdata/cluster-api-crds.gen.json")

/** Kinds that have a counterpart in `src/apis`. */
const kinds: ReadonlySet<string> = new Set([
  "Cluster",
  "Machine",
  "MachineSet",
  "MachineDeployment",
  "KubeadmConfig",
  "KubeadmConfigTemplate",
  "DevCluster",
  "DevClusterTemplate",
  "DevMachine",
  "DevMachineTemplate",
])

/** The schema without descriptions; names of properties are never taken for keywords. */
function withoutProse(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutProse)
  if (!isObject(schema)) return schema
  const entries = Object.entries(schema)
    .filter(([key]) => key !== "description")
    .map(([key, value]) => {
      if (key !== "properties" || !isObject(value)) return [key, withoutProse(value)]
      const properties = Object.entries(value).map(([name, part]) => [name, withoutProse(part)])
      return [key, Object.fromEntries(properties)]
    })
  return Object.fromEntries(entries)
}

interface Manifest {
  readonly kind: string
  readonly spec: {
    readonly names: { readonly kind: string }
    readonly group: string
    readonly scope: string
    readonly versions: readonly {
      readonly name: string
      readonly deprecated?: boolean
      readonly subresources?: JsonObject
      readonly additionalPrinterColumns?: unknown
      readonly schema: { readonly openAPIV3Schema: unknown }
    }[]
  }
}

function factsOf({ spec }: Manifest): unknown {
  return {
    group: spec.group,
    scope: spec.scope,
    names: spec.names,
    versions: spec.versions.map((version) => ({
      name: version.name,
      deprecated: version.deprecated ?? false,
      subresources: version.subresources ?? {},
      columns: withoutProse(version.additionalPrinterColumns ?? []),
      schema: withoutProse(version.schema.openAPIV3Schema),
    })),
  }
}

const lines = process.argv
  .slice(2)
  .flatMap((directory) => readdirSync(directory).map((name) => join(directory, name)))
  .filter((path) => path.endsWith(".yaml"))
  .map((path) => parse(readFileSync(path, "utf8")) as Manifest)
  .filter(({ kind, spec }) => kind === "CustomResourceDefinition" && kinds.has(spec.names.kind))
  .map((manifest) => JSON.stringify(factsOf(manifest)))
writeFileSync(output, `[\n${lines.sort().join(",\n")}\n]\n`)
console.log(`${output}: ${lines.length} kinds`)
