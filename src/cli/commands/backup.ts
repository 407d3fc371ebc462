import type { Environment } from "../environment.ts"
import { type PassphraseOptions, readPassphrase } from "../passphrase.ts"

export interface BackupCommandOptions extends PassphraseOptions {
  readonly dataDir: string
}

/** `mothership backup`: one encrypted archive with everything, of a plane that runs or not. */
export async function backup(
  environment: Environment,
  file: string,
  options: BackupCommandOptions,
): Promise<void> {
  const passphrase = await readPassphrase(environment, options, true)
  const { dataDir: dataDirectory } = options
  const summary = await environment.planes.backup({ dataDirectory, file, passphrase })
  environment.stdout.write(
    `${file}: ${summary.objects} objects and ${summary.files} files, ${summary.sizeBytes} bytes, ` +
      `keys included; it opens with the passphrase only\n`,
  )
}

/** `mothership restore`: a data directory from an archive. */
export async function restore(
  environment: Environment,
  file: string,
  options: BackupCommandOptions,
): Promise<void> {
  const passphrase = await readPassphrase(environment, options, false)
  const { dataDir: dataDirectory } = options
  const summary = await environment.planes.restore({ dataDirectory, file, passphrase })
  environment.stdout.write(
    `${dataDirectory}: ${summary.objects} objects and ${summary.files} files ` +
      `as of ${new Date(summary.createdAtMs).toISOString()}\n` +
      "The plane that was backed up must not run any more. Then start this one:\n" +
      `  mothership up --data-dir ${dataDirectory}\n`,
  )
}
