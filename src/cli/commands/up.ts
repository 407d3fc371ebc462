import type { Environment, LogTarget } from "../environment.ts"
import { startPlane, untilStopped } from "../plane-process.ts"

export interface UpOptions {
  readonly dataDir: string
  readonly listen: string
  readonly logLevel: LogTarget["level"]
}

/** `mothership up`: a plane that runs until it is told to stop. */
export async function up(environment: Environment, options: UpOptions): Promise<void> {
  const { dataDir: dataDirectory, listen, logLevel } = options
  const stopped = untilStopped(environment)
  const plane = await startPlane(environment, { dataDirectory, listen, log: { level: logLevel } })
  environment.stdout.write(
    `mothership is up at ${plane.url}\n  export KUBECONFIG=${plane.kubeconfigFile}\n`,
  )
  await stopped
  await plane.stop()
  environment.stdout.write("mothership has stopped\n")
}
