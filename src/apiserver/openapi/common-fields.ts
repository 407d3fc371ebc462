import type { Schema } from "#schema"

type Sentences = Readonly<Record<string, string>>

const ofObjects: Sentences = {
  apiVersion: "Group and version of the API that the object is written in.",
  kind: "Name of the object's kind.",
  metadata: "What every object has: name, labels, owners and the like.",
}

const ofMetadata: Sentences = {
  annotations: "Notes for tools and people; nothing is selected by them.",
  creationTimestamp: "When the object was made. Set by the server.",
  deletionGracePeriodSeconds: "Seconds that the object is given to end. Set by the server.",
  deletionTimestamp:
    "When the deletion was asked for: the object goes once it has no finalizers. Set by the server.",
  finalizers: "Who has to clean up before the object goes; each takes out its own entry.",
  generateName: "Beginning of a name that the server completes, where no name is given.",
  generation: "Counts the changes of what is wanted. Set by the server.",
  labels: "Names and values by which objects are grouped and selected.",
  managedFields: "Which fields were set by whom, and how. Set by the server.",
  name: "Name of the object, unique among those of its kind in its namespace.",
  namespace: "Where the object lives, if its kind has namespaces.",
  ownerReferences: "Objects that this one belongs to: it goes when all of them have gone.",
  resourceVersion:
    "Changes with every write; given with a write, it makes the write fail if another came first.",
  uid: "Tells the object from others of its name, before and after. Set by the server.",
}

const objectMeta = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"

/** A kind's schema in which the fields that all kinds share are explained. */
export function explainObject(schema: Schema): Schema {
  return explain(schema, ofObjects)
}

/** A definition, explained if it is that of metadata. */
export function explainDefinition(name: string, schema: Schema): Schema {
  return name === objectMeta ? explain(schema, ofMetadata) : schema
}

function explain(schema: Schema, sentences: Sentences): Schema {
  const properties = Object.entries(schema.properties ?? {}).map(([name, property]) => {
    const description = property.description ?? sentences[name]
    return [name, description === undefined ? property : { ...property, description }] as const
  })
  return { ...schema, properties: Object.fromEntries(properties) }
}
