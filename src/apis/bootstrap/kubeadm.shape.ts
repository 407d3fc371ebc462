import { s } from "#schema"
import { clusterConfiguration } from "./cluster-configuration.shape.ts"
import { commands, diskSetup, files, ignition, mounts, ntp, users } from "./host.shape.ts"
import { initConfiguration, joinConfiguration } from "./node-configuration.shape.ts"

export const bootstrapFormat = s.enum("Format of the bootstrap data.", ["cloud-config", "ignition"])

/** How a machine is made a node by kubeadm. */
export const kubeadmConfigSpec = s.object(
  "How kubeadm makes a machine a node.",
  {
    clusterConfiguration: s.optional(clusterConfiguration),
    initConfiguration: s.optional(initConfiguration),
    joinConfiguration: s.optional(joinConfiguration),
    files: s.optional(files),
    diskSetup: s.optional(diskSetup),
    mounts: s.optional(mounts),
    bootCommands: s.optional(commands("Commands at every boot, before anything else.")),
    preKubeadmCommands: s.optional(commands("Commands before kubeadm.")),
    postKubeadmCommands: s.optional(commands("Commands after kubeadm.")),
    users: s.optional(users),
    ntp: s.optional(ntp),
    format: s.optional(bootstrapFormat),
    verbosity: s.optional(s.int32("Log level of kubeadm.")),
    ignition: s.optional(ignition),
  },
  { minProperties: 1 },
)
