import { existsSync } from "node:fs"
import { artifactSetKey } from "./artifact-set.ts"
import { imageDirectory, plainImageKey, shortHash } from "./rootfs.ts"
import type { ImageName } from "./state.ts"

/** Where a machine image is, or will be once it is built. */
export function imageTarget(name: ImageName): string {
  const plain = plainImageKey()
  return imageDirectory(name, name === "plain" ? plain : shortHash([1, plain, artifactSetKey()]))
}

/** The directory of a machine image that `npm run lab -- build` made, or undefined. */
export function imagePath(name: ImageName): string | undefined {
  const path = imageTarget(name)
  return existsSync(path) ? path : undefined
}
