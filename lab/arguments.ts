import { parseArgs } from "node:util"
import type { ImageName } from "./state.ts"

export const usage = `usage: npm run lab -- COMMAND

  install                          install the Debian packages that the lab needs (root)
  build [PROGRAM...]               build programs, container images, artifact set, machine images
                                   (root); with names, only those programs (anyone)
  up [--machines N] [--name X]... [--image prepared|plain]
                                   bring machines up, and wait until they answer SSH (root)
  status [--json]                  show the machines and the SSH key
  machine stop|start|reboot NAME   pull a machine's plug, switch it on, or both
  machine cut|heal NAME            drop every SSH packet to a machine, or stop doing so
  machine remove NAME              stop a machine and delete its disk
  artifacts                        print the directory of the artifact set
  down                             stop all machines, remove everything that \`up\` made

LAB_CACHE is where builds are kept, LAB_DIR the directory of one lab's state.`

export class UsageError extends Error {
  override readonly name = "UsageError"
}

const machineActions = ["stop", "start", "reboot", "cut", "heal", "remove"] as const
export type MachineAction = (typeof machineActions)[number]

export type LabCommand =
  | { readonly command: "install" | "artifacts" | "help" }
  | { readonly command: "down"; readonly all: boolean }
  | { readonly command: "build"; readonly programs: readonly string[] }
  | { readonly command: "status"; readonly json: boolean }
  | {
      readonly command: "up"
      readonly machines: number
      readonly names: readonly string[]
      readonly image: ImageName
    }
  | { readonly command: "machine"; readonly action: MachineAction; readonly machine: string }

/** Reads the lab's command line; throws UsageError for one it does not know. */
export function parseLabCommand(argv: readonly string[]): LabCommand {
  const [command = "help", ...rest] = argv
  switch (command) {
    case "down":
      return { command, all: parseFlags(rest, { all: { type: "boolean" } }).all === true }
    case "install":
    case "artifacts":
      parseFlags(rest, {})
      return { command }
    case "help":
    case "--help":
      return { command: "help" }
    case "build":
      return { command, programs: rest }
    case "status":
      return { command, json: parseFlags(rest, { json: { type: "boolean" } }).json === true }
    case "up":
      return parseUp(rest)
    case "machine":
      return parseMachine(rest)
    default:
      throw new UsageError(`unknown command ${command}`)
  }
}

function parseUp(rest: readonly string[]): LabCommand {
  const flags = parseFlags(rest, {
    machines: { type: "string" },
    name: { type: "string", multiple: true },
    image: { type: "string" },
  })
  const names = Array.isArray(flags.name) ? flags.name.map(String) : []
  const count = flags.machines ?? (names.length > 0 ? "0" : "1")
  const machines = Number(count)
  if (!Number.isInteger(machines) || machines < 0) {
    throw new UsageError(`--machines takes a number, not ${String(count)}`)
  }
  const image = flags.image ?? "prepared"
  if (image !== "prepared" && image !== "plain") {
    throw new UsageError(`--image takes prepared or plain, not ${String(image)}`)
  }
  return { command: "up", machines, names, image }
}

function parseMachine(rest: readonly string[]): LabCommand {
  const [given, machine, ...more] = rest
  const action = machineActions.find((action) => action === given)
  if (action === undefined || machine === undefined || more.length > 0) {
    throw new UsageError(`machine takes one of ${machineActions.join(", ")} and one name`)
  }
  return { command: "machine", action, machine }
}

type Flags = NonNullable<NonNullable<Parameters<typeof parseArgs>[0]>["options"]>
type FlagValues = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>

function parseFlags(args: readonly string[], options: Flags): FlagValues {
  try {
    return parseArgs({ args: [...args], options, strict: true }).values
  } catch (cause) {
    throw new UsageError((cause as Error).message, { cause })
  }
}
