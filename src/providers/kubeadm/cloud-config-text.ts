import { stringify } from "yaml"
import type { KubeadmConfigSpec } from "#apis"
import type { HostFile } from "./host-files.ts"
import type { HostUser } from "./host-users.ts"

export interface CloudConfigParts {
  readonly spec: KubeadmConfigSpec
  readonly files: readonly HostFile[]
  readonly users: readonly HostUser[]
  /** Everything that `runcmd` runs, in order. */
  readonly commands: readonly string[]
}

/** The user data that cloud-init reads, in the form upstream's provider gives it. */
export function cloudConfigText({ spec, files, users, commands }: CloudConfigParts): string {
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
    ...(users.length > 0 ? { users: users.map((user) => cloudUser(user)) } : {}),
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

function cloudUser(user: HostUser): object {
  return defined({
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
  })
}

/** Type codes of `sfdisk` for MBR tables and of `sgdisk` for GPT; a GUID stands for itself. */
const partitionCodes: Readonly<Record<string, readonly [mbr: string, gpt: string]>> = {
  Linux: ["83", "8300"],
  LinuxSwap: ["82", "8200"],
  LinuxRAID: ["fd", "fd00"],
  LVM: ["8e", "8e00"],
  Fat32: ["0c", "0700"],
  NTFS: ["07", "0700"],
  LinuxExtended: ["85", "8300"],
}

type DiskSetup = NonNullable<KubeadmConfigSpec["diskSetup"]>
type Partition = NonNullable<DiskSetup["partitions"]>[number]

function diskModules({ diskSetup }: KubeadmConfigSpec): object {
  const { partitions, filesystems } = diskSetup ?? {}
  return {
    ...(partitions
      ? {
          disk_setup: Object.fromEntries(
            partitions.map((disk) => [disk.device, partitioned(disk)]),
          ),
        }
      : {}),
    ...(filesystems
      ? {
          fs_setup: filesystems.map(({ replaceFS, extraOpts, ...filesystem }) =>
            defined({ ...filesystem, replace_fs: replaceFS, extra_opts: extraOpts }),
          ),
        }
      : {}),
  }
}

function partitioned({ layout, diskLayout, overwrite, tableType = "gpt" }: Partition): object {
  const parts = diskLayout?.map(({ percentage, partitionType }) => {
    if (partitionType === undefined) return percentage
    const codes = partitionCodes[partitionType]
    return [percentage, codes ? codes[tableType === "mbr" ? 0 : 1] : partitionType]
  })
  return { table_type: tableType, layout: parts ?? layout ?? true, overwrite: overwrite ?? false }
}

function defined(entries: object): object {
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined))
}
