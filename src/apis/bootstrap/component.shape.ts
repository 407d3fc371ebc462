import { s, type ValidationRule } from "#schema"

export const path = (description: string) => s.string(description, { minLength: 1, maxLength: 512 })

export const imageTag = s.string("Tag of the image.", { minLength: 1, maxLength: 256 })

export const imageRepository = path("Registry and path that the image comes from.")

function uniqueNames(field: string): ValidationRule {
  return {
    rule: "self.all(x, self.exists_one(y, x.name == y.name))",
    message: `${field} name must be unique`,
  }
}

/** Command line flags as a list; the field's name goes into the rule's message. */
export function extraArgs(field: "extraArgs" | "kubeletExtraArgs") {
  return s.list(
    "Flags to add, without leading dashes.",
    s.object("One flag.", {
      name: s.string("Name of the flag.", { minLength: 1, maxLength: 256 }),
      value: s.string("Value of the flag.", { minLength: 0, maxLength: 1024 }),
    }),
    { minItems: 1, maxItems: 100, key: ["name", "value"], rules: [uniqueNames(field)] },
  )
}

function keySelector(description: string) {
  return s.object(
    description,
    {
      name: s.withDefault(s.string("Name of the object."), ""),
      key: s.string("Key in its data."),
      optional: s.optional(s.boolean("Whether object or key may be missing.")),
    },
    { atomic: true },
  )
}

export const quantityPattern = String.raw`^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?$`

/** `corev1.EnvVar`. */
export const environmentVariable = s.object("One environment variable.", {
  name: s.string("Name of the variable."),
  value: s.optional(s.string("Value of the variable.")),
  valueFrom: s.optional(
    s.object("Where the value comes from.", {
      configMapKeyRef: s.optional(keySelector("A key of a ConfigMap.")),
      secretKeyRef: s.optional(keySelector("A key of a Secret.")),
      fieldRef: s.optional(
        s.object(
          "A field of the pod.",
          {
            apiVersion: s.optional(s.string("Version that the path is written for.")),
            fieldPath: s.string("Path of the field."),
          },
          { atomic: true },
        ),
      ),
      fileKeyRef: s.optional(
        s.object(
          "A key of a file in a volume.",
          {
            volumeName: s.string("Volume that holds the file."),
            path: s.string("Path in the volume."),
            key: s.string("Key in the file."),
            optional: s.withDefault(s.boolean("Whether file or key may be missing."), false),
          },
          { atomic: true },
        ),
      ),
      resourceFieldRef: s.optional(
        s.object(
          "A resource limit or request of a container.",
          {
            containerName: s.optional(s.string("Name of the container.")),
            resource: s.string("Name of the resource."),
            divisor: s.optional(s.intOrString("Unit of the value.", { pattern: quantityPattern })),
          },
          { atomic: true },
        ),
      ),
    }),
  ),
})

const extraEnvs = s.list("Environment variables to add.", environmentVariable, {
  minItems: 1,
  maxItems: 100,
})

/** Subject alternative names of a certificate. */
export function certificateNames(description: string) {
  return s.list(description, s.string("DNS name or address.", { minLength: 1, maxLength: 253 }), {
    minItems: 1,
    maxItems: 100,
  })
}

/** A path of the host, mounted into a control plane component. */
export const hostPathMount = s.object("One mount.", {
  name: path("Name of the volume."),
  hostPath: path("Path on the host."),
  mountPath: path("Path in the container."),
  readOnly: s.optional(s.boolean("Whether the mount is read-only.")),
  pathType: s.optional(s.string("What must be at the path, as hostPath volumes define it.")),
})

const componentFields = {
  extraArgs: s.optional(extraArgs("extraArgs")),
  extraVolumes: s.optional(
    s.list("Host paths to mount.", hostPathMount, { minItems: 1, maxItems: 100 }),
  ),
  extraEnvs: s.optional(extraEnvs),
}

/** Controller manager or scheduler. */
export function component(description: string) {
  return s.object(description, componentFields, { minProperties: 1 })
}

export const apiServer = s.object(
  "The API server.",
  {
    ...componentFields,
    certSANs: s.optional(certificateNames("Names and addresses to add to its certificate.")),
  },
  { minProperties: 1 },
)

export const dns = s.object(
  "The DNS add-on.",
  { imageRepository: s.optional(imageRepository), imageTag: s.optional(imageTag) },
  { minProperties: 1 },
)

export const externalEtcd = s.object("An etcd cluster that exists already.", {
  endpoints: s.list("URLs of the members.", path("URL of one member."), {
    minItems: 1,
    maxItems: 50,
  }),
  caFile: path("Path of the CA certificate."),
  certFile: path("Path of the client certificate."),
  keyFile: path("Path of the client key."),
})

export const etcd = s.object(
  "The datastore.",
  {
    local: s.optional(
      s.object(
        "A member on every control plane machine.",
        {
          imageRepository: s.optional(imageRepository),
          imageTag: s.optional(imageTag),
          dataDir: s.optional(path("Directory of the data.")),
          extraArgs: s.optional(extraArgs("extraArgs")),
          extraEnvs: s.optional(extraEnvs),
          serverCertSANs: s.optional(certificateNames("Names to add to the server certificate.")),
          peerCertSANs: s.optional(certificateNames("Names to add to the peer certificate.")),
        },
        { minProperties: 1 },
      ),
    ),
    external: s.optional(externalEtcd),
  },
  { minProperties: 1 },
)
