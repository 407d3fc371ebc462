import { refTo, type Definitions, type Schema } from "./schema.ts"

const self: Schema = { $ref: refTo("JSONSchemaProps") }
const schemaOrOther: Schema = { $ref: refTo("JSONSchemaPropsOrOther") }
const text: Schema = { type: "string" }
const flag: Schema = { type: "boolean" }
const count: Schema = { type: "integer", format: "int64" }
const amount: Schema = { type: "number" }
const json: Schema = { "x-kubernetes-preserve-unknown-fields": true, nullable: true }
const names: Schema = { type: "array", items: text }
const schemas: Schema = { type: "array", items: self }
const schemaMap: Schema = { type: "object", additionalProperties: self }

function described(description: string, schema: Schema): Schema {
  return { ...schema, description }
}

const rule: Schema = {
  type: "object",
  required: ["rule"],
  properties: {
    rule: described("CEL expression that must be true.", text),
    message: described("What is said when the rule does not hold.", text),
    messageExpression: described("CEL expression that makes the message.", text),
    reason: described("Reason of the error that a broken rule causes.", text),
    fieldPath: described("The field that the error is about, below this place.", text),
    optionalOldSelf: described("Whether the rule also runs where there is no old value.", flag),
  },
}

/** The schema of schemas themselves, as a CustomResourceDefinition carries them. */
const jsonSchemaProps: Schema = {
  type: "object",
  description: "A schema: what a value may be.",
  properties: {
    $ref: described("Not supported in CustomResourceDefinitions.", text),
    $schema: described("The dialect of the schema.", text),
    id: described("Not supported in CustomResourceDefinitions.", text),
    title: described("Short name of the value.", text),
    description: described("What the value means.", text),
    type: described("JSON type of the value.", text),
    format: described("Format of a string or number.", text),
    nullable: described("Whether null is allowed.", flag),
    default: described("Value of the field when none is given.", json),
    example: described("A value as it may look.", json),
    externalDocs: {
      type: "object",
      description: "Where more is written about the value.",
      properties: { description: text, url: text },
    },
    enum: described("The values that are allowed.", { type: "array", items: json }),
    properties: described("Members of an object by name.", schemaMap),
    additionalProperties: described(
      "Schema of members that are not listed, or a boolean.",
      schemaOrOther,
    ),
    patternProperties: described("Not supported in CustomResourceDefinitions.", schemaMap),
    required: described("Members that must be there.", names),
    minProperties: described("Least number of members.", count),
    maxProperties: described("Greatest number of members.", count),
    items: described("Schema of the items of a list.", schemaOrOther),
    additionalItems: described("Not supported in CustomResourceDefinitions.", json),
    minItems: described("Least number of items.", count),
    maxItems: described("Greatest number of items.", count),
    uniqueItems: described("Not supported: use a list type instead.", flag),
    minLength: described("Least number of characters.", count),
    maxLength: described("Greatest number of characters.", count),
    pattern: described("Regular expression (RE2) that a string must match.", text),
    minimum: described("Least number.", amount),
    maximum: described("Greatest number.", amount),
    exclusiveMinimum: described("Whether the least number itself is excluded.", flag),
    exclusiveMaximum: described("Whether the greatest number itself is excluded.", flag),
    multipleOf: described("Number that the value must be a multiple of.", amount),
    allOf: described("Schemas that must all be met.", schemas),
    anyOf: described("Schemas of which one at least must be met.", schemas),
    oneOf: described("Schemas of which exactly one must be met.", schemas),
    not: described("Schema that must not be met.", self),
    definitions: described("Not supported in CustomResourceDefinitions.", schemaMap),
    dependencies: described("Not supported in CustomResourceDefinitions.", {
      type: "object",
      additionalProperties: json,
    }),
    "x-kubernetes-preserve-unknown-fields": described("Keeps what is not listed.", flag),
    "x-kubernetes-embedded-resource": described("The value is a Kubernetes object.", flag),
    "x-kubernetes-int-or-string": described("The value is an integer or a string.", flag),
    "x-kubernetes-list-type": described("How the list merges: atomic, set or map.", text),
    "x-kubernetes-list-map-keys": described("Fields that identify an item.", names),
    "x-kubernetes-map-type": described("How the object merges: granular or atomic.", text),
    "x-kubernetes-validations": described("Rules in CEL.", { type: "array", items: rule }),
  },
}

/**
 * The schema of schemas by its name `JSONSchemaProps`, for kinds that carry schemas. Where a place
 * takes a schema, a list of schemas or a boolean, whatever is there is looked into for what it is.
 */
export const schemaDefinitions: Definitions = {
  JSONSchemaProps: jsonSchemaProps,
  JSONSchemaPropsOrOther: { properties: jsonSchemaProps.properties, items: self },
}
