import { homedir } from "node:os"
import { MessageChannel } from "node:worker_threads"
import { systemClock } from "#base"
import { type Environment, type PlaneControl, runCli } from "#cli"
import packageFile from "../package.json" with { type: "json" }

/**
 * Small buffers are cut from shared ones, and each that lives keeps a whole one: with Node's 64 KiB
 * a fleet of simulated clusters keeps a quarter of a megabyte per connection for a few bytes.
 */
Buffer.poolSize = 8 * 1024

/**
 * The program. `programDirectory` has `examples` and `manifests` in it. The plane is loaded only by
 * commands that run one: the others answer at once.
 */
export async function main(programDirectory: string): Promise<void> {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    // Whoever read has had enough, as in `mothership status | head`.
    if (error.code === "EPIPE") process.exit(0)
    throw error
  })
  const environment: Environment = {
    variables: process.env,
    homeDirectory: homedir(),
    programDirectory,
    version: packageFile.version,
    clock: systemClock,
    planes,
    stdout: process.stdout,
    stderr: process.stderr,
    onStopSignal,
  }
  // Timers do not keep the process alive by themselves; a command that waits for one has to.
  const { port1: alive } = new MessageChannel()
  alive.on("message", () => {})
  try {
    process.exitCode = await runCli(process.argv.slice(2), environment)
  } finally {
    alive.close()
  }
}

const planes: PlaneControl = {
  async start({ log, ...options }) {
    const { createLogger, DataDirectory, Plane } = await import("#plane")
    await DataDirectory.open(options.dataDirectory)
    return await Plane.start({ ...options, log: createLogger(log) })
  },
  async artifacts(dataDirectory) {
    const { openArtifacts } = await import("#plane")
    return await openArtifacts(dataDirectory)
  },
  async backup(options) {
    const { writeBackup } = await import("#plane")
    return await writeBackup({ ...options, nowMs: systemClock.now() })
  },
  async restore(options) {
    const { restoreBackup } = await import("#plane")
    return await restoreBackup(options)
  },
}

function onStopSignal(handler: () => void): () => void {
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const
  for (const signal of signals) process.on(signal, handler)
  return () => {
    for (const signal of signals) process.off(signal, handler)
  }
}
