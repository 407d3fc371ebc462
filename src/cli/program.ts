import { join } from "node:path"
import { Command, CommanderError, Option } from "commander"
import { messageOf } from "#base"
import {
  addArtifacts,
  type ArtifactsOptions,
  listArtifacts,
  verifyArtifacts,
} from "./commands/artifacts.ts"
import { backup, type BackupCommandOptions, restore } from "./commands/backup.ts"
import { createCluster } from "./commands/create-cluster.ts"
import { demo, type DemoOptions } from "./commands/demo.ts"
import { getKubeconfig } from "./commands/get-kubeconfig.ts"
import { logs, type LogsOptions } from "./commands/logs.ts"
import { retry, type RetryOptions } from "./commands/retry.ts"
import { status, type StatusOptions } from "./commands/status.ts"
import { up, type UpOptions } from "./commands/up.ts"
import { why } from "./commands/why.ts"
import { defaultDataDirectory } from "./connection.ts"
import { parseMinutes } from "./create-cluster/option-checks.ts"
import type { CreateClusterOptions } from "./create-cluster/options.ts"
import type { Environment } from "./environment.ts"
import type { ObjectOptions } from "./object-options.ts"
import { defaultListen } from "./plane-process.ts"

/** Runs one command line. Answers the exit code; nothing is thrown for what a user can cause. */
export async function runCli(
  commandLine: readonly string[],
  environment: Environment,
): Promise<number> {
  try {
    await buildProgram(environment).parseAsync(commandLine, { from: "user" })
    return 0
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode
    environment.stderr.write(`mothership: ${describe(error)}\n`)
    return 1
  }
}

/**
 * Errors whose message is for the user, by name: most come from modules that the plane is made of.
 */
const expected = new Set([
  "CommandError",
  "ApiError",
  "ConnectionError",
  "PkiError",
  "DataDirectoryError",
  "StoreError",
  "StoreFullError",
  "BackupError",
  "ArtifactError",
])

/** Errors that are the user's to mend come without a stack; ours with one. */
function describe(error: unknown): string {
  if (!(error instanceof Error) || expected.has(error.name)) return messageOf(error)
  // What the operating system refuses names the file or the address.
  if ("syscall" in error) return error.message
  return error.stack ?? error.message
}

function buildProgram(environment: Environment): Command {
  const { stdout, stderr, version } = environment
  const program = new Command("mothership")
    .description("Cluster API without the management cluster.")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
    })
    .version(version, "--version", "print the version")
  addPlaneCommands(program, environment)
  addCreateCommand(program, environment)
  addArtifactCommands(program, environment)
  addArchiveCommands(program, environment)
  addObjectCommands(program, environment)
  program
    .command("version")
    .description("print the versions of mothership and of the Node that runs it")
    .action(() => {
      stdout.write(`mothership ${version}\nnode ${process.version}\n`)
    })
  return program
}

function addPlaneCommands(program: Command, environment: Environment): void {
  const listen = () =>
    new Option("--listen <host:port>", "where the plane serves its API").default(defaultListen)
  program
    .command("up")
    .description("run a plane until it is told to stop")
    .addOption(dataDirectoryOption(environment))
    .addOption(listen())
    .addOption(
      new Option("--log-level <level>", "how much the log on standard error says")
        .choices(["debug", "info", "warn", "error"])
        .default("info"),
    )
    .action((options: UpOptions) => up(environment, options))
  program
    .command("demo")
    .description(`run a plane with a simulated cluster (${join("examples", "quickstart.yaml")})`)
    .addOption(dataDirectoryOption(environment))
    .addOption(listen())
    .action((options: DemoOptions) => demo(environment, options))
}

function addArchiveCommands(program: Command, environment: Environment): void {
  const passphraseFile = () =>
    new Option("--passphrase-file <file>", "file with the passphrase; else MOTHERSHIP_PASSPHRASE")
  program
    .command("backup <file>")
    .description("copy everything a plane keeps, running or not, into one encrypted archive")
    .addOption(dataDirectoryOption(environment))
    .addOption(passphraseFile())
    .action((file: string, options: BackupCommandOptions) => backup(environment, file, options))
  program
    .command("restore <file>")
    .description("make a data directory from such an archive")
    .addOption(dataDirectoryOption(environment))
    .addOption(passphraseFile())
    .action((file: string, options: BackupCommandOptions) => restore(environment, file, options))
}

function dataDirectoryOption(environment: Environment): Option {
  return new Option("--data-dir <directory>", "where the plane keeps everything").default(
    defaultDataDirectory(environment),
    "~/.mothership",
  )
}

function addArtifactCommands(program: Command, environment: Environment): void {
  const artifacts = program
    .command("artifacts")
    .description("keep what hosts need: programs, units and images, on the plane's machine")
  artifacts
    .command("add <source>")
    .description("add a set: a directory, or a tar archive, with a manifest.json")
    .addOption(dataDirectoryOption(environment))
    .action((source: string, options: ArtifactsOptions) =>
      addArtifacts(environment, source, options),
    )
  artifacts
    .command("list")
    .description("list the sets")
    .addOption(dataDirectoryOption(environment))
    .action((options: ArtifactsOptions) => listArtifacts(environment, options))
  artifacts
    .command("verify [name]")
    .description("hash every file of a set again, or of all")
    .addOption(dataDirectoryOption(environment))
    .action((name: string | undefined, options: ArtifactsOptions) =>
      verifyArtifacts(environment, name, options),
    )
}

function addCreateCommand(program: Command, environment: Environment): void {
  const create = program.command("create").description("make something")
  objectCommand(create, "cluster <name>")
    .description("make a cluster of machines that answer SSH, from nothing to ready")
    .requiredOption("--control-plane <hosts>", "USER@HOST[:PORT],… of the control plane")
    .option("--workers <hosts>", "USER@HOST[:PORT],… of the workers")
    .requiredOption("--ssh-key <file>", "private key that the hosts accept")
    .option("--ssh-key-passphrase-file <file>", "file with the key's passphrase")
    .requiredOption("--kubernetes-version <version>", "such as v1.34.4")
    .option(
      "--artifacts <set>",
      "artifact set for the hosts, or none if they are prepared; default: kubernetes-VERSION",
    )
    .option("--cni <network>", "pod network: flannel, none, or a file of manifests", "flannel")
    .option("--pod-cidr <range>", "addresses of pods", "10.244.0.0/16")
    .option("--service-cidr <range>", "addresses of services", "10.96.0.0/16")
    .option("--timeout-minutes <minutes>", "how long to wait for it", parseMinutes, 30)
    .option("--dry-run", "print the YAML, apply nothing")
    .option("-o, --output <format>", "of --dry-run: yaml")
    .option("--up", "start a plane that stays, if none runs")
    .option("--listen <host:port>", "where the plane of --up serves its API", defaultListen)
    .action((name: string, options: CreateClusterOptions) =>
      createCluster(environment, name, options),
    )
}

function addObjectCommands(program: Command, environment: Environment): void {
  objectCommand(program, "get-kubeconfig <cluster>")
    .description("print the kubeconfig of a workload cluster")
    .action((name: string, options: ObjectOptions) => getKubeconfig(environment, name, options))
  objectCommand(program, "status [cluster]")
    .description("show clusters as trees, with what each object waits for")
    .option("-w, --watch", "go on showing changes")
    .option("-c, --conditions", "show every condition, below its object")
    .action((name: string | undefined, options: StatusOptions) =>
      status(environment, name, options),
    )
  objectCommand(program, "why <kind/name>")
    .description("find the deepest thing that keeps an object from being ready")
    .action((target: string, options: ObjectOptions) => why(environment, target, options))
  objectCommand(program, "logs <machine/name>")
    .description("print the journal of a machine's bootstrap, with the output of each step")
    .option("-f, --follow", "go on until the bootstrap is over")
    .action((target: string, options: LogsOptions) => logs(environment, target, options))
  objectCommand(program, "retry <machine/name>")
    .description("let a bootstrap that stopped go on")
    .option("--from <step>", "run this step and all behind it again")
    .option("--mark-done <step>", "take the step that stopped it as done")
    .action((target: string, options: RetryOptions) => retry(environment, target, options))
}

function objectCommand(program: Command, name: string): Command {
  return program
    .command(name)
    .option("--kubeconfig <file>", "of the plane; default: KUBECONFIG, ~/.mothership")
    .option("-n, --namespace <name>", "namespace; default: the kubeconfig's")
}
