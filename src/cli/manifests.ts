import {
  type DocumentOptions,
  parseAllDocuments,
  type ParseOptions,
  type SchemaOptions,
} from "yaml"
import { isObject, messageOf } from "#base"
import type { Client } from "#client"
import type { UntypedObject } from "#meta"
import { CommandError } from "./environment.ts"
import { kindOfManifest } from "./resource-kind.ts"

/**
 * YAML as kubectl reads it: 1.1, where `0644` is octal, but without its times, and without its
 * numbers of base 60.
 */
const kubernetesYaml: ParseOptions & DocumentOptions & SchemaOptions = {
  version: "1.1",
  customTags: (tags) =>
    tags.filter(
      (tag) =>
        typeof tag === "string" || !(tag.tag.endsWith(":timestamp") || tag.format === "TIME"),
    ),
}

/** Reads the objects of a YAML file. Errors: `CommandError` that names the file. */
export function parseManifests(text: string, file: string): readonly UntypedObject[] {
  const objects: UntypedObject[] = []
  for (const document of parseAllDocuments(text, kubernetesYaml)) {
    const [problem] = "errors" in document ? document.errors : []
    if (problem) throw new CommandError(`read ${file}: ${problem.message}`)
    const value: unknown = "toJS" in document ? document.toJS() : undefined
    if (value === null || value === undefined) continue
    if (!isManifest(value)) {
      throw new CommandError(`read ${file}: a document without apiVersion, kind and metadata.name`)
    }
    objects.push(value)
  }
  return objects
}

/** Those that are not there yet. */
export async function missingManifests(
  client: Client,
  objects: readonly UntypedObject[],
  namespace: string,
): Promise<readonly UntypedObject[]> {
  const found = await Promise.all(
    objects.map((object) => {
      const kind = kindOfManifest(object)
      const { name, namespace: own = namespace } = object.metadata
      return client.find(kind, kind.namespaced ? { namespace: own, name } : { name })
    }),
  )
  return objects.filter((_, index) => !found[index])
}

/** Makes the objects so, in their order, by server-side apply. Errors: `CommandError`. */
export async function applyManifests(
  client: Client,
  objects: readonly UntypedObject[],
  namespace: string,
): Promise<void> {
  for (const object of objects) {
    const kind = kindOfManifest(object)
    const metadata = kind.namespaced ? { namespace, ...object.metadata } : object.metadata
    try {
      await client.apply(kind, { ...object, metadata })
    } catch (error) {
      const name = `${object.kind}/${object.metadata.name}`
      throw new CommandError(`apply ${name}: ${messageOf(error)}`, { cause: error })
    }
  }
}

function isManifest(value: unknown): value is UntypedObject {
  return (
    isObject(value) &&
    typeof value.apiVersion === "string" &&
    typeof value.kind === "string" &&
    isObject(value.metadata) &&
    typeof value.metadata.name === "string"
  )
}
