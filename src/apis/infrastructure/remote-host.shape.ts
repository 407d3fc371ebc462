import { s } from "#schema"

export const sshKeyRef = s.object("Secret that holds the private key.", {
  name: s.string(
    "Name of the Secret: the key is under `value`, its passphrase, if any, under `passphrase`.",
  ),
})

export const sshPort = s.withDefault(s.integer("Port of the SSH server."), 22)

export const sshUser = s.withDefault(s.string("User to log in as."), "root")

export const useSudo = s.optional(s.boolean("Whether commands run through sudo."))

export const commandsAsScript = s.withDefault(
  s.boolean("Whether commands run as one script instead of one by one."),
  false,
)

export const workingDir = s.withDefault(s.string("Directory for the script."), "/etc/k0smotron")

export const cleanUpCommands = s.optional(
  s.list(
    "Commands that clean the host when the machine is deleted, instead of the usual ones.",
    s.string("One command line."),
  ),
)

/** Whose host key is trusted; an addition of ours. */
export const hostKeyFields = {
  hostKey: s.optional(
    s.string("Fingerprint of the host's key, as `SHA256:` and base64.", {
      maxLength: 51,
      pattern: "^SHA256:[A-Za-z0-9+/]{43}=?$",
    }),
  ),
  hostKeyPolicy: s.optional(
    s.enum(
      "What to do when no host key is given: trust and pin the first one seen (PinOnFirstContact, the default) or refuse (Strict).",
      ["Strict", "PinOnFirstContact"],
    ),
  ),
}

/** Which set of binaries and images goes to the host; an addition of ours. */
export const artifacts = s.optional(
  s.string("Artifact set to install on the host.", { minLength: 1, maxLength: 253 }),
)

export const provisionJob = s.object("A Job that reaches the host instead of us.", {
  sshCommand: s.withDefault(s.string("Command to run commands with."), "ssh"),
  scpCommand: s.withDefault(s.string("Command to copy files with."), "scp"),
  jobSpecTemplate: s.optional(s.anyObject("Template of the Job: batch/v1 JobTemplateSpec.")),
})

/** `status.initialization` of an infrastructure object. */
export const initialization = s.object(
  "What has happened once and is never taken back.",
  { provisioned: s.optional(s.boolean("The infrastructure was there.")) },
  { minProperties: 1 },
)
