import { CommandError } from "../environment.ts"

/** A host and whom to be there. */
export interface HostAddress {
  readonly user: string
  readonly address: string
  readonly port: number
}

/** Reads `[USER@]HOST[:PORT]`, IPv6 addresses in brackets. Errors: `CommandError`. */
export function parseHostAddress(text: string): HostAddress {
  const match =
    /^(?:(?<user>[a-z_][a-z0-9_-]*)@)?(?:\[(?<v6>[0-9a-fA-F:.]+)\]|(?<host>[A-Za-z0-9][A-Za-z0-9.-]*))(?::(?<port>\d{1,5}))?$/.exec(
      text,
    )
  const port = Number(match?.groups?.["port"] ?? 22)
  const address = match?.groups?.["v6"] ?? match?.groups?.["host"]
  if (address === undefined || port < 1 || port > 65_535) {
    throw new CommandError(
      `${JSON.stringify(text)} is not USER@HOST[:PORT], such as root@10.0.0.11 or root@[fd00::11]`,
    )
  }
  return { user: match?.groups?.["user"] ?? "root", address, port }
}

/** Reads hosts separated by commas; each may be named only once. Errors: `CommandError`. */
export function parseHostList(text: string): readonly HostAddress[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .map((part) => parseHostAddress(part))
}

/** Refuses a host that is named twice. Errors: `CommandError`. */
export function refuseDuplicates(hosts: readonly HostAddress[]): void {
  const seen = new Set<string>()
  for (const { address, port } of hosts) {
    const key = `${address}:${port}`
    if (seen.has(key)) throw new CommandError(`host ${key} is named twice`)
    seen.add(key)
  }
}
