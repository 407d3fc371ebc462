import { describe, expect, test } from "vitest"
import { deepFreeze } from "#base"
import type { ConvertibleObject, Kind, VersionConversion } from "#meta"
import { type CompiledSchema, compileSchema, type Schema } from "#schema"
import { customKinds } from "../custom-kinds.ts"
import { omitted, randomValue, seededRandom } from "../testing/random-object.ts"
import { conversionDataAnnotation } from "./version-conversion.ts"

const rounds = 60
const resolve = () => "v1beta2"

interface Sample {
  readonly kind: Kind
  readonly hub: Schema
  readonly older: Schema
  readonly conversion: VersionConversion
}

const samples: readonly Sample[] = customKinds.map((kind) => {
  const [hub, older] = kind.versions
  if (!hub || !older?.conversion) throw new Error(`${kind.kind} serves no older version`)
  return { kind, hub: hub.schema, older: older.schema, conversion: older.conversion }
})

/** Fields that v1beta1 leaves optional and the hub requires. */
const neededPaths = /^spec\.template(\.spec(\.\w+)?)?$|\.(strategy\.type|layout)$/

type Override = (path: string, schema: Schema) => unknown

function randomObject(
  { kind }: Sample,
  schema: Schema,
  seed: number,
  override: Override,
): ConvertibleObject {
  const random = seededRandom(seed)
  const { spec, status } = schema.properties ?? {}
  const options = { random, override, always: (path: string) => neededPaths.test(path) }
  const content = Object.entries({ spec, status }).flatMap(([path, part]) => {
    const isThere = path === "spec" || random() < 0.7
    const value = part && isThere ? randomValue(part, options, path) : omitted
    return value === omitted ? [] : [[path, value] as const]
  })
  const version = schema === kind.versions[0]?.schema ? "v1beta2" : "v1beta1"
  return deepFreeze({
    apiVersion: `${kind.group}/${version}`,
    kind: kind.kind,
    metadata: { name: "sample", namespace: "default", annotations: { mine: "kept" } },
    ...Object.fromEntries(content),
  })
}

function hasConversionData(object: ConvertibleObject): boolean {
  return object.metadata.annotations?.[conversionDataAnnotation] !== undefined
}

function withoutConversionData(object: ConvertibleObject): ConvertibleObject {
  const { [conversionDataAnnotation]: _, ...annotations } = object.metadata.annotations ?? {}
  return { ...object, metadata: { ...object.metadata, annotations } }
}

const compiledSchemas = new Map<Schema, CompiledSchema>()

function compiled(schema: Schema): CompiledSchema {
  const known = compiledSchemas.get(schema) ?? compileSchema(schema)
  compiledSchemas.set(schema, known)
  return known
}

function expectValid(schema: Schema, object: ConvertibleObject): void {
  expect(compiled(schema).validate(object)).toEqual([])
}

/** Go durations are plain strings in the schema. */
const durationField = /(^|\.)(\w*[tT]imeout|ttl|timeoutForControlPlane|timeout)$/

function isContractReference(schema: Schema): boolean {
  return Boolean(schema.properties?.["apiGroup"] && schema.properties["name"])
}

/** Hub objects of which v1beta1 can carry everything. */
const carried: Override = (path, schema) => {
  if (hubOnlyPaths.some((pattern) => pattern.test(path))) return omitted
  if (schema.type === "boolean") return true
  if (isContractReference(schema)) {
    return { apiGroup: "g.example.com", kind: "Thing", name: "thing" }
  }
  return undefined
}

/** What v1beta1 has no field for. A timeout for joining machines follows the one for the first. */
const hubOnlyPaths: readonly RegExp[] = [
  /^status\.failureDomain$/,
  /(init|join)Configuration\.timeouts$/,
  /diskLayout$/,
  /^spec\.(machine\.)?(hostKey|hostKeyPolicy)$/,
  /^spec\.(template\.spec\.)?artifacts$/,
  /^status\.bootstrap$/,
  /^status\.machineRef\.claim$/,
]

const hubOnlyOfKind: Readonly<Record<string, readonly RegExp[]>> = {
  Machine: [/^spec\.minReadySeconds$/, /^status\.phase$/],
  DevMachineTemplate: [/^status$/],
  RemoteCluster: [/^status\.conditions$/],
  RemoteMachine: [/^status\.conditions$/],
  PooledRemoteMachine: [/^status\.conditions$/],
}

/** v1beta1 objects without fields that the hub has dropped. */
const lasting: Override = (path, schema) => {
  if (droppedPaths.some((pattern) => pattern.test(path))) return omitted
  if (schema.type === "boolean") return true
  if (schema.type === "string" && durationField.test(path)) return "1h2m3s"
  if (path === "status.nodeRef") return { apiVersion: "v1", kind: "Node", name: "node-1" }
  if (schema.properties?.["fieldPath"] && schema.properties["resourceVersion"]) {
    return {
      apiVersion: "g.example.com/v1beta2",
      kind: "Thing",
      namespace: "default",
      name: "thing",
    }
  }
  return undefined
}

/** What v1beta1 has and the hub has not: upstream loses it, too. */
const droppedPaths: readonly RegExp[] = [
  /topology\.rolloutAfter$/,
  /\.definitionFrom$/,
  /^spec\.(progressDeadlineSeconds|revisionHistoryLimit)$/,
  /(cluster|init|join)Configuration\.(apiVersion|kind|clusterName|kubernetesVersion|networking)$/,
  /useExperimentalRetryJoin$/,
]

describe.each(samples)("$kind.kind", (sample) => {
  const { kind, hub, older, conversion } = sample

  test("comes back from v1beta1 unchanged, whatever v1beta1 cannot say", () => {
    let kept = 0
    for (let seed = 1; seed <= rounds; seed++) {
      const object = randomObject(sample, hub, seed, () => undefined)
      expectValid(hub, object)
      const old = deepFreeze(conversion.fromHub(object, resolve))
      expect(old.apiVersion).toBe(`${kind.group}/v1beta1`)
      expectValid(older, old)
      expect(compiled(older).prune(old).value).toEqual(old)
      expect(conversion.toHub(old, resolve)).toEqual(object)
      if (hasConversionData(old)) kept++
    }
    expect(kept > 0).toBe(!lossless.has(kind.kind))
  })

  test("needs no annotation for what both versions have", () => {
    const onlyHub = hubOnlyOfKind[kind.kind] ?? []
    for (let seed = 1; seed <= rounds; seed++) {
      const object = randomObject(sample, hub, seed, (path, schema) =>
        onlyHub.some((pattern) => pattern.test(path)) ? omitted : carried(path, schema),
      )
      const old = conversion.fromHub(object, resolve)
      expect(conversion.toHub(withoutConversionData(old), resolve)).toEqual(object)
      expect(hasConversionData(old)).toBe(false)
    }
  })

  test("comes back from the hub with all that the hub still has", () => {
    for (let seed = 1; seed <= rounds; seed++) {
      const object = randomObject(sample, older, seed, lasting)
      expectValid(older, object)
      const stored = conversion.toHub(object, resolve)
      expectValid(hub, stored)
      expect(compiled(hub).prune(stored).value).toEqual(stored)
      expect(withoutConversionData(conversion.fromHub(stored, resolve))).toEqual(object)
    }
  })

  test("loses to the hub only fields that it has dropped", () => {
    for (let seed = 1; seed <= rounds; seed++) {
      const object = randomObject(sample, older, seed, (path, schema) => {
        const value = lasting(path, schema)
        return value === omitted ? undefined : value
      })
      const stored = conversion.toHub(object, resolve)
      expect(compiled(hub).prune(stored).value).toEqual(stored)
    }
  })
})

/** Kinds that v1beta1 shows in full, references and unset booleans aside. */
const lossless: ReadonlySet<string> = new Set([
  "MachineSet",
  "RemoteClusterTemplate",
  "DevClusterTemplate",
])
