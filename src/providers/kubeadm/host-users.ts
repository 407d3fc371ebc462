import type { KubeadmConfig, KubeadmConfigSpec } from "#apis"
import { quote } from "#remote"
import { secretContent, type SecretReader } from "./secret-content.ts"

/** A user to create on the host; a password hash that lies in a Secret has been fetched. */
export type HostUser = Omit<NonNullable<KubeadmConfigSpec["users"]>[number], "passwdFrom">

/**
 * The users of a KubeadmConfig, password hashes fetched from Secrets. Errors: `FileContentError`.
 */
export async function hostUsers(
  reader: SecretReader,
  config: KubeadmConfig,
): Promise<readonly HostUser[]> {
  const { namespace } = config.metadata
  return await Promise.all(
    (config.spec?.users ?? []).map(async ({ passwdFrom, ...user }) => {
      if (!passwdFrom) return user
      const source = { namespace, ...passwdFrom.secret }
      const text = await secretContent(reader, source, `password of user ${user.name}`)
      return { ...user, passwd: text.trim() }
    }),
  )
}

/** A `sh` script that creates the user, or brings the one that is there to the same state. */
export function userScript(user: HostUser): string {
  const name = quote(user.name)
  const groups = (user.groups ?? "")
    .split(",")
    .map((group) => group.trim())
    .filter(Boolean)
  const given = [...groups, ...(user.primaryGroup ? [user.primaryGroup] : [])].map(quote)
  const lines = [
    "set -e",
    ...given.map((group) => `getent group ${group} >/dev/null || groupadd ${group}`),
    `id -u ${name} >/dev/null 2>&1 || useradd ${creationFlags(user)} ${name}`,
    ...(groups.length > 0 ? [`usermod -a -G ${quote(groups.join(","))} ${name}`] : []),
    ...passwordLines(user),
    ...(user.inactive ? [`usermod --expiredate 1 ${name}`] : []),
    ...sudoLines(user),
    ...keyLines(user),
  ]
  return `${lines.join("\n")}\n`
}

function creationFlags({ homeDir, shell, gecos, primaryGroup }: HostUser): string {
  const flags: readonly (readonly [string, string | undefined])[] = [
    ["--home-dir", homeDir],
    ["--shell", shell ?? "/bin/sh"],
    ["--comment", gecos],
    ["--gid", primaryGroup],
  ]
  const words = flags.flatMap(([flag, value]) => (value === undefined ? [] : [flag, quote(value)]))
  return ["--create-home", ...words].join(" ")
}

/** Password logins are off unless the user says otherwise, as with cloud-init. */
function passwordLines({ name, passwd, lockPassword = true }: HostUser): readonly string[] {
  const hash =
    passwd === undefined ? [] : [`printf '%s\\n' ${quote(`${name}:${passwd}`)} | chpasswd -e`]
  return lockPassword ? [...hash, `passwd -q -l ${quote(name)}`] : hash
}

function sudoLines({ name, sudo }: HostUser): readonly string[] {
  if (sudo === undefined) return []
  const file = quote(`/etc/sudoers.d/90-${name.replaceAll(/[^A-Za-z0-9_-]/g, "_")}`)
  return [
    "mkdir -p /etc/sudoers.d",
    `(umask 0337; rm -f ${file}; printf '%s\\n' ${quote(`${name} ${sudo}`)} >${file})`,
  ]
}

function keyLines({ name, sshAuthorizedKeys = [] }: HostUser): readonly string[] {
  if (sshAuthorizedKeys.length === 0) return []
  const keys = sshAuthorizedKeys.map((key) => `${key.trim()}\n`).join("")
  return [
    `home=$(getent passwd ${quote(name)} | cut -d: -f6)`,
    'mkdir -p "$home/.ssh"',
    'touch "$home/.ssh/authorized_keys"',
    `printf '%s' ${quote(keys)} | while read -r key; do`,
    '  grep -qxF "$key" "$home/.ssh/authorized_keys" || printf \'%s\\n\' "$key" >>"$home/.ssh/authorized_keys"',
    "done",
    'chmod 0700 "$home/.ssh"; chmod 0600 "$home/.ssh/authorized_keys"',
    `chown -R ${quote(name)}: "$home/.ssh"`,
  ]
}
