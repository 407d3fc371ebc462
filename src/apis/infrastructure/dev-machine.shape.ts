import { s } from "#schema"
import { providerId } from "../cluster/machine-spec.shape.ts"

/** One part of a machine in memory and how long it takes to come up. */
function memoryPart(description: string) {
  return s.object(description, {
    provisioning: s.optional(
      s.object("How long it takes to come up.", {
        startupDuration: s.string("Least time, as a Go duration."),
        startupJitter: s.optional(
          s.string("Random share of that time to add, as a decimal number."),
        ),
      }),
    ),
  })
}

export const memoryMachine = s.object("The machine exists only in memory.", {
  vm: s.optional(memoryPart("The virtual machine.")),
  node: s.optional(memoryPart("The Node.")),
  apiServer: s.optional(memoryPart("The API server, on control plane machines.")),
  etcd: s.optional(memoryPart("The etcd member, on control plane machines.")),
})

/** Fields of a machine in a container that both versions write alike. */
export const dockerMachineFields = {
  customImage: s.optional(s.string("Image of the container.")),
  preLoadImages: s.optional(s.list("Images to load into the container.", s.string("One image."))),
  extraMounts: s.optional(
    s.list(
      "Host paths to mount into the container.",
      s.object("One mount.", {
        containerPath: s.optional(s.string("Path in the container.")),
        hostPath: s.optional(s.string("Path on the host.")),
        readOnly: s.optional(s.boolean("Whether the mount is read-only.")),
      }),
    ),
  ),
  bootstrapTimeout: s.optional(s.string("How long the bootstrap may take, as a Go duration.")),
}

export const devMachineSpec = s.object("Desired state of the DevMachine.", {
  providerID: s.optional(providerId),
  backend: s.object("What stands behind the machine.", {
    docker: s.optional(s.object("The machine is a container.", dockerMachineFields)),
    inMemory: s.optional(memoryMachine),
  }),
})
