import {
  type CloudCommand,
  type CloudConfig,
  CloudConfigError,
  type CloudFile,
  type CloudUser,
  parseCloudConfig,
} from "#contract"
import { type Plan, type PlanFile, type PlanStep, quote } from "#remote"

import { resolveHostName } from "./host-name.ts"
import { knowCommand } from "./known-commands.ts"
import { ProvisionError } from "./provision-error.ts"
import { secretValues } from "./secret-values.ts"

export interface CloudConfigPlanOptions {
  readonly hostname: string
  /** Run all of `runcmd` as one script that ends with the first failure. */
  readonly commandsAsScript: boolean
}

/**
 * The steps that a cloud-config asks for, in cloud-init's order. Unlike cloud-init, the first
 * command that fails ends it. Throws ProvisionError for what cannot be done.
 */
export function cloudConfigPlan(text: string, options: CloudConfigPlanOptions): Plan {
  const config = readCloudConfig(text, options.hostname)
  const files = config.files.filter(({ defer }) => !defer).map(planFile)
  const deferred = config.files.filter(({ defer }) => defer).map(planFile)
  const written = [...files, ...deferred]
  return {
    version: 1,
    secrets: secretValues(written),
    steps: [
      ...commandSteps("boot-command", "Boot command", config.bootCommands, []),
      ...filesStep("write-files", "Write files", files),
      ...config.users.map(userStep),
      ...filesStep("write-deferred-files", "Write deferred files", deferred),
      ...(options.commandsAsScript
        ? scriptStep(config.runCommands, written)
        : commandSteps("command", "Command", config.runCommands, written)),
    ],
  }
}

/** Reads a cloud-config for a host. Throws ProvisionError for what cannot be done there. */
export function readCloudConfig(text: string, hostname: string): CloudConfig {
  const config = parse(resolveHostName(text, hostname))
  if (config.unknownModules.length > 0) {
    const message = `the cloud-config has modules that are not supported here: ${config.unknownModules.join(", ")}`
    throw new ProvisionError("UnsupportedCloudConfig", message)
  }
  return config
}

function parse(text: string): CloudConfig {
  try {
    return parseCloudConfig(text)
  } catch (error) {
    if (error instanceof CloudConfigError) {
      throw new ProvisionError("InvalidCloudConfig", error.message)
    }
    throw error
  }
}

function planFile({ path, content, permissions, owner, append }: CloudFile): PlanFile {
  return {
    path,
    content: Buffer.from(content).toString("base64"),
    mode: permissions,
    owner,
    ...(append ? { append } : {}),
  }
}

function filesStep(name: string, title: string, files: readonly PlanFile[]): PlanStep[] {
  return files.length === 0 ? [] : [{ name, title, action: { kind: "files", files } }]
}

function commandSteps(
  name: string,
  title: string,
  commands: readonly CloudCommand[],
  files: readonly PlanFile[],
): PlanStep[] {
  return commands.map((command, index) => {
    const text = textOf(command)
    const known = knowCommand(text, files)
    return {
      name: `${name}-${index + 1}`,
      title: known.title ?? `${title} ${index + 1} of ${commands.length}`,
      action: { kind: "command", command: text, shared: true },
      ...optional(known),
    }
  })
}

function scriptStep(commands: readonly CloudCommand[], files: readonly PlanFile[]): PlanStep[] {
  if (commands.length === 0) return []
  const script = `set -e\n${commands.map(textOf).join("\n")}\n`
  const { check, recover, timeoutSeconds } = knowCommand(script, files)
  // Only kubeadm's check speaks for a whole script: the others know one command of it.
  const known = recover === undefined ? {} : { check, recover, timeoutSeconds }
  return [
    {
      name: "commands",
      title: "Commands as one script",
      action: { kind: "command", command: script },
      ...optional(known),
    },
  ]
}

function optional(known: Partial<PlanStep>): Partial<PlanStep> {
  const { check, recover, timeoutSeconds } = known
  return {
    ...(check === undefined ? {} : { check }),
    ...(recover === undefined ? {} : { recover }),
    ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
  }
}

function textOf(command: CloudCommand): string {
  return typeof command === "string" ? command : command.map(quote).join(" ")
}

function userStep(user: CloudUser): PlanStep {
  const { name, shell, homeDirectory, groups, sudo, authorizedKeys } = user
  const options = [
    ...(shell === undefined ? [] : [`-s ${quote(shell)}`]),
    ...(homeDirectory === undefined ? [] : [`-d ${quote(homeDirectory)}`]),
  ].join(" ")
  const sudoers = sudo.map((rule) => `${name} ${rule}\n`).join("")
  const lines = [
    "set -e",
    `id -u ${name} >/dev/null 2>&1 || useradd -m ${options} ${name}`,
    ...groups.flatMap((group) => [
      `getent group ${quote(group)} >/dev/null || groupadd ${quote(group)}`,
      `usermod -a -G ${quote(group)} ${name}`,
    ]),
    ...(sudoers === ""
      ? []
      : [
          "mkdir -p /etc/sudoers.d",
          `(umask 227; printf %s ${quote(sudoers)} >/etc/sudoers.d/90-cloud-init-${name}.new)`,
          `mv /etc/sudoers.d/90-cloud-init-${name}.new /etc/sudoers.d/90-cloud-init-${name}`,
        ]),
    ...(authorizedKeys.length === 0 ? [] : authorizeKeys(name, authorizedKeys)),
  ]
  return {
    name: `user-${name.replaceAll("_", "-")}`.replace(/-+$/, ""),
    title: `Add user ${name}`,
    action: { kind: "command", command: `${lines.join("\n")}\n` },
    check: "exit 1",
  }
}

function authorizeKeys(name: string, keys: readonly string[]): string[] {
  return [
    `home=$(getent passwd ${name} | cut -d: -f6)`,
    'mkdir -p "$home/.ssh"',
    'touch "$home/.ssh/authorized_keys"',
    ...keys.map(
      (key) =>
        `grep -qxF -e ${quote(key)} "$home/.ssh/authorized_keys" || printf '%s\\n' ${quote(key)} >>"$home/.ssh/authorized_keys"`,
    ),
    'chmod 700 "$home/.ssh"',
    'chmod 600 "$home/.ssh/authorized_keys"',
    `chown -R ${name}: "$home/.ssh"`,
  ]
}
