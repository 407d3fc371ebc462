import { type Definitions, refName, type Schema } from "#schema"
import type { Resource } from "../resource.ts"
import { explainDefinition, explainObject } from "./common-fields.ts"
import { pathsOf } from "./paths.ts"

/**
 * The OpenAPI v3 document of one group version: schemas, and the operations that clients look for.
 */
export function groupVersionDocument(resources: readonly Resource[], version: string): object {
  const components = new Components()
  const paths = Object.fromEntries(
    resources.flatMap((resource) => pathsOf(resource, components.add(resource))),
  ) as object
  return {
    openapi: "3.0.0",
    info: { title: "Kubernetes", version },
    paths,
    components: { schemas: components.schemas },
  }
}

/** Schemas of a document, with everything they refer to. */
class Components {
  readonly schemas: Record<string, unknown> = {}

  /** Adds a resource's schema; answers the reference to it. */
  add(resource: Resource): string {
    const { schema, definitions } = resource
    const named = schema.$ref === undefined ? undefined : refName(schema.$ref)
    const name = named ?? customName(resource)
    const own = named === undefined ? schema : (definitions[named] ?? {})
    const { group, version, kind } = resource
    this.schemas[name] = {
      ...(this.#convert(explainObject(own), definitions) as object),
      "x-kubernetes-group-version-kind": [{ group, version, kind }],
    }
    return `#/components/schemas/${name}`
  }

  #convert(schema: Schema, definitions: Definitions): unknown {
    return this.#walk(schema, definitions)
  }

  /**
   * Copies a schema with its references pointing into the document, and brings along what they
   * name.
   */
  #walk(value: unknown, definitions: Definitions): unknown {
    if (Array.isArray(value)) return value.map((item) => this.#walk(item, definitions))
    if (typeof value !== "object" || value === null) return value
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => {
        if (key !== "$ref" || typeof member !== "string") {
          return [key, this.#walk(member, definitions)]
        }
        const name = refName(member) ?? member
        this.#bring(name, definitions)
        return [key, `#/components/schemas/${name}`]
      }),
    )
  }

  #bring(name: string, definitions: Definitions): void {
    if (Object.hasOwn(this.schemas, name)) return
    this.schemas[name] = {}
    const definition = explainDefinition(name, definitions[name] ?? {})
    this.schemas[name] = this.#convert(definition, definitions)
  }
}

/** `io.x-k8s.cluster.v1beta2.Machine` for cluster.x-k8s.io: the group's labels turned around. */
function customName({ group, version, kind }: Resource): string {
  return [...group.split(".").reverse(), version, kind].join(".")
}
