import { parseLabCommand, usage, UsageError } from "./arguments.ts"
import type { LabCommand } from "./arguments.ts"
import { artifactSetPath } from "./artifact-set.ts"
import { buildLab } from "./build.ts"
import { cgroupLayout } from "./cgroups.ts"
import { installPackages } from "./install.ts"
import { downAll, Lab } from "./machines.ts"

function report(line: string): void {
  process.stderr.write(`${line}\n`)
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

function needRoot(what: string): void {
  if (process.getuid?.() !== 0) throw new Error(`${what}: only root may do that`)
}

function warnOfLayout(): void {
  if (cgroupLayout() === "v2") {
    report("this VM has control groups of version 2 only: the lab is untried there")
  }
}

async function perform(command: LabCommand): Promise<void> {
  const lab = new Lab()
  switch (command.command) {
    case "help":
      return print(usage)
    case "install":
      needRoot("install packages")
      return installPackages(report)
    case "build":
      if (command.programs.length === 0) needRoot("build machine images")
      warnOfLayout()
      return buildLab(command.programs, report)
    case "up":
      needRoot("start machines")
      warnOfLayout()
      await lab.up(command)
      return showStatus(lab)
    case "machine":
      needRoot("change a machine")
      return lab[command.action](command.machine)
    case "status":
      return command.json ? print(JSON.stringify(lab.status())) : showStatus(lab)
    case "artifacts": {
      const path = artifactSetPath()
      if (path === undefined)
        throw new Error("find artifact set: none yet; run: npm run lab -- build")
      return print(path)
    }
    case "down":
      needRoot("stop machines")
      return command.all ? downAll() : lab.down()
  }
}

function showStatus(lab: Lab): void {
  const { machines, sshKey } = lab.status()
  if (machines.length === 0) return print("no machines are up")
  for (const { name, address, user } of machines) {
    print(`${name}\t${user}@${address}\t${lab.isRunning(name) ? "running" : "off"}`)
  }
  print(`SSH key: ${sshKey}`)
}

try {
  await perform(parseLabCommand(process.argv.slice(2)))
} catch (error) {
  report(`lab: ${(error as Error).message}`)
  if (error instanceof UsageError) report(usage)
  process.exitCode = error instanceof UsageError ? 2 : 1
}
