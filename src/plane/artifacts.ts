import { ArtifactStore } from "#providers/remote"
import { DataDirectory } from "./data-directory.ts"

/** In the data directory: the artifact sets. */
export const artifactsDirectory = "artifacts"

/**
 * The artifact sets of a plane, whether it runs or not: it reads them when a machine needs one.
 * Errors: `DataDirectoryError`.
 */
export async function openArtifacts(dataDirectory: string): Promise<ArtifactStore> {
  const directory = await DataDirectory.open(dataDirectory)
  return new ArtifactStore(await directory.directory(artifactsDirectory))
}
