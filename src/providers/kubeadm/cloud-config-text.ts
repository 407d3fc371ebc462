import { stringify } from "yaml"
import type { KubeadmConfigSpec } from "#apis"
import type { HostFile } from "./bootstrap-files.ts"

export interface CloudConfigParts {
  readonly spec: KubeadmConfigSpec
  readonly files: readonly HostFile[]
  /** Everything that `runcmd` runs, in order. */
  readonly commands: readonly string[]
}

/** The user data that cloud-init reads, in the form upstream's provider gives it. */
export function cloudConfigText({ spec, files, commands }: CloudConfigParts): string {
  const body = {
    write_files: files.map((file) => ({
      path: file.path,
      owner: file.owner,
      permissions: file.permissions,
      ...(file.append ? { append: true } : {}),
      ...contentOf(file.content),
    })),
    ...(spec.bootCommands ? { bootcmd: spec.bootCommands } : {}),
    runcmd: commands,
    ...(spec.users ? { users: spec.users.map((user) => cloudUser(user)) } : {}),
    ...(spec.ntp ? { ntp: spec.ntp } : {}),
    ...(spec.mounts ? { mounts: spec.mounts } : {}),
    ...diskModules(spec),
  }
  return `## template: jinja\n#cloud-config\n\n${stringify(body, { lineWidth: 0 })}`
}

function contentOf(content: Buffer): object {
  const text = content.toString("utf8")
  const isText = Buffer.from(text, "utf8").equals(content)
  return isText ? { content: text } : { encoding: "base64", content: content.toString("base64") }
}

type User = NonNullable<KubeadmConfigSpec["users"]>[number]

function cloudUser(user: User): object {
  const entries = {
    name: user.name,
    gecos: user.gecos,
    groups: user.groups,
    homedir: user.homeDir,
    inactive: user.inactive,
    shell: user.shell,
    passwd: user.passwd,
    primary_group: user.primaryGroup,
    lock_passwd: user.lockPassword,
    sudo: user.sudo,
    ssh_authorized_keys: user.sshAuthorizedKeys,
  }
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined))
}

function diskModules({ diskSetup }: KubeadmConfigSpec): object {
  const { partitions, filesystems } = diskSetup ?? {}
  return {
    ...(partitions
      ? {
          disk_setup: Object.fromEntries(
            partitions.map(({ device, layout, overwrite, tableType }) => [
              device,
              {
                table_type: tableType ?? "gpt",
                layout: layout ?? true,
                overwrite: overwrite ?? false,
              },
            ]),
          ),
        }
      : {}),
    ...(filesystems
      ? {
          fs_setup: filesystems.map(({ device, filesystem, label, partition, overwrite }) => ({
            device,
            filesystem,
            label,
            partition,
            overwrite,
          })),
        }
      : {}),
  }
}
