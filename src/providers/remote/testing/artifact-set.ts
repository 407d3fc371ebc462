import { createHash } from "node:crypto"
import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"

import type { StreamContent } from "#remote"

import { ArtifactStore } from "../artifacts/artifact-store.ts"
import type { RemoteBench } from "./remote-bench.ts"

/** Of this machine, as Go names it. */
export const architecture = process.arch === "x64" ? "amd64" : process.arch

export interface SetOptions {
  readonly name: string
  readonly architecture?: string | undefined
}

/**
 * Adds a set with the program `tool` for everybody and `server` for control planes, both below
 * `target`; `tool` says which set it is of.
 */
export async function addSet(
  bench: RemoteBench,
  target: string,
  options: SetOptions,
): Promise<void> {
  const { name } = options
  const directory = join(bench.directory, `source-${name}`)
  await mkdir(directory)
  const files = []
  for (const path of ["tool", "server"]) {
    const content = `#!/bin/sh\necho ${path} of ${name}\n`
    await writeFile(join(directory, path), content)
    files.push({
      path,
      sha256: createHash("sha256").update(content).digest("hex"),
      size: content.length,
      kind: "binary",
      target: join(target, path),
      mode: "0755",
      ...(path === "server" ? { roles: ["control-plane"] } : {}),
    })
  }
  const manifest = { architecture, ...options, kubernetesVersion: "v1.34.4", files }
  await writeFile(join(directory, "manifest.json"), JSON.stringify(manifest))
  await new ArtifactStore(bench.artifacts).add(directory)
}

/** A store whose files come as slowly as the test wants: after their first byte they wait. */
export class GatedStore extends ArtifactStore {
  /** How often a file was opened. */
  opened = 0
  readonly #gate = Promise.withResolvers<void>()

  /** Lets everything through, from now on. */
  release(): void {
    this.#gate.resolve()
  }

  override async openFile(name: string, path: string): Promise<StreamContent> {
    this.opened += 1
    const content = await super.openFile(name, path)
    return { ...content, stream: this.#gated(content.stream) }
  }

  async *#gated(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of stream) {
      yield chunk.subarray(0, 1)
      await this.#gate.promise
      yield chunk.subarray(1)
    }
  }
}
