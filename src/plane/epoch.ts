import { open, readFile } from "node:fs/promises"
import { join } from "node:path"

const epochFile = "epoch"

/**
 * How often what lies in a data directory has been restored, plus one. Hosts obey the plane with
 * the highest epoch: one that was restored from, and comes back, is told that it is out of date.
 */
export async function readEpoch(dataDirectory: string): Promise<number> {
  try {
    const epoch = Number(await readFile(join(dataDirectory, epochFile), "utf8"))
    return Number.isSafeInteger(epoch) && epoch > 0 ? epoch : 1
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return 1
    throw error
  }
}

/** Makes a restored directory the successor of the one it was copied from. */
export async function raiseEpoch(dataDirectory: string): Promise<void> {
  const epoch = await readEpoch(dataDirectory)
  const handle = await open(join(dataDirectory, epochFile), "w", 0o600)
  try {
    await handle.writeFile(`${epoch + 1}\n`)
    await handle.sync()
  } finally {
    await handle.close()
  }
}
