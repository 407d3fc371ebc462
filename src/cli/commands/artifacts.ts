import { messageOf } from "#base"
import { type ArtifactSet, CommandError, type Environment } from "../environment.ts"

export interface ArtifactsOptions {
  readonly dataDir: string
}

/** `mothership artifacts add DIR|FILE`. */
export async function addArtifacts(
  environment: Environment,
  source: string,
  options: ArtifactsOptions,
): Promise<void> {
  const artifacts = await environment.planes.artifacts(options.dataDir)
  const set = await artifacts.add(source)
  environment.stdout.write(`added ${describe(set)}\n`)
}

/** `mothership artifacts list`. A set that cannot be read is listed with what is wrong with it. */
export async function listArtifacts(
  environment: Environment,
  options: ArtifactsOptions,
): Promise<void> {
  const artifacts = await environment.planes.artifacts(options.dataDir)
  const names = await artifacts.names()
  if (names.length === 0) environment.stdout.write("there are no artifact sets\n")
  for (const name of names) {
    const line = await artifacts.find(name).then(
      (set) => set && describe(set),
      (error: unknown) => `${name}  damaged: ${messageOf(error)}; add it again`,
    )
    environment.stdout.write(`${line}\n`)
  }
}

/** `mothership artifacts verify [NAME]`. Errors: `CommandError` that names what is damaged. */
export async function verifyArtifacts(
  environment: Environment,
  name: string | undefined,
  options: ArtifactsOptions,
): Promise<void> {
  const artifacts = await environment.planes.artifacts(options.dataDir)
  const names = name === undefined ? await artifacts.names() : [name]
  const damages: string[] = []
  for (const each of names) {
    const found = await artifacts.verify(each).then(
      (problems) => problems.map(({ path, problem }) => `${each}/${path} ${problem}`),
      (error: unknown) => [messageOf(error)],
    )
    damages.push(...found)
    if (found.length === 0) environment.stdout.write(`${each} is sound\n`)
  }
  if (damages.length > 0) throw new CommandError(`verify artifacts:\n${damages.join("\n")}`)
}

function describe({ name, kubernetesVersion, architecture, files }: ArtifactSet): string {
  const megabytes = Math.ceil(files.reduce((sum, { size }) => sum + size, 0) / 1_000_000)
  return `${name}  Kubernetes ${kubernetesVersion}  ${architecture}  ${files.length} files, ${megabytes} MB`
}
