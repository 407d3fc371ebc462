import { s, type TypeOf } from "#schema"

/** Type of a machine's address. */
const addressType = s.enum("What kind of address it is.", [
  "Hostname",
  "ExternalIP",
  "InternalIP",
  "ExternalDNS",
  "InternalDNS",
])

export const machineAddress = s.object("One address of the machine.", {
  type: addressType,
  address: s.string("The address itself.", { minLength: 1, maxLength: 256 }),
})

/** What the kubelet says about its host: `corev1.NodeSystemInfo`. */
export const nodeInfo = s.object("What the Node says about its host.", {
  architecture: s.string("Processor architecture, as GOARCH names it."),
  bootID: s.string("Identity of the current boot."),
  containerRuntimeVersion: s.string("Container runtime and its version."),
  kernelVersion: s.string("Kernel version."),
  kubeProxyVersion: s.string("No longer filled in by kubelets."),
  kubeletVersion: s.string("Kubelet version."),
  machineID: s.string("Identity of the host's installation."),
  operatingSystem: s.string("Operating system, as GOOS names it."),
  osImage: s.string("Operating system and release, for people."),
  swap: s.optional(s.object("Swap space.", { capacity: s.optional(s.int64("Size, in bytes.")) })),
  systemUUID: s.string("Identity of the hardware."),
})

export type MachineAddress = TypeOf<typeof machineAddress>
