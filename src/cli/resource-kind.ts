import { customKinds, kubernetesKinds } from "#apis"
import { type ApiObject, apiVersionOf, type KindRef } from "#meta"
import { CommandError } from "./environment.ts"

/** The kind of a manifest, in the version that it is written in. Errors: `CommandError`. */
export function kindOfManifest(object: { apiVersion: string; kind: string }): KindRef<ApiObject> {
  for (const kind of customKinds) {
    const version = kind.versions.find(
      ({ name }) => apiVersionOf(kind.group, name) === object.apiVersion,
    )
    if (version && kind.kind === object.kind) {
      const { group, plural, namespaced } = kind
      return { group, version: version.name, kind: kind.kind, plural, namespaced }
    }
  }
  const builtin = kubernetesKinds.find(
    ({ group, version, kind }) =>
      apiVersionOf(group, version) === object.apiVersion && kind === object.kind,
  )
  if (builtin) return builtin
  throw new CommandError(`apply ${object.kind}: nobody here knows ${object.apiVersion}`)
}

/** The kind that somebody names on the command line: `machine`, `machines`, `ma`, `Machine`. */
export function kindOfWord(word: string): KindRef<ApiObject> | undefined {
  const wanted = word.toLowerCase()
  return customKinds.find(
    ({ kind, plural, shortNames }) =>
      kind.toLowerCase() === wanted || plural === wanted || shortNames.includes(wanted),
  )
}

/** Splits `KIND/NAME`. Errors: `CommandError`. */
export function parseObjectName(text: string): {
  readonly kind: KindRef<ApiObject>
  readonly name: string
} {
  const [word = "", name = "", ...rest] = text.split("/")
  if (name === "" || rest.length > 0) {
    throw new CommandError(`${JSON.stringify(text)} is not KIND/NAME, such as machine/edge-0`)
  }
  const kind = kindOfWord(word)
  if (kind) return { kind, name }
  throw new CommandError(`there is no kind ${JSON.stringify(word)}; try cluster, machine, md`)
}
