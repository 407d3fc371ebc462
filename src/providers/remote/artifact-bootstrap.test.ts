import { createHash } from "node:crypto"
import { access, mkdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { expect, test } from "vitest"

import { RemoteMachineKind } from "#apis"

import { ArtifactStore } from "./artifacts/artifact-store.ts"
import { messageOf, RemoteBench } from "./testing/remote-bench.ts"

interface SetOptions {
  readonly name: string
  readonly architecture: string
}

/** Adds a set with a program for everybody and one for control planes, below `target`. */
async function addSet(bench: RemoteBench, target: string, options: SetOptions): Promise<void> {
  const directory = join(bench.directory, `source-${options.name}`)
  await mkdir(directory)
  const files = []
  for (const path of ["tool", "server"]) {
    const content = `#!/bin/sh\necho ${path}\n`
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
  const manifest = { ...options, kubernetesVersion: "v1.34.4", files }
  await writeFile(join(directory, "manifest.json"), JSON.stringify(manifest))
  await new ArtifactStore(bench.artifacts).add(directory)
}

const architecture = process.arch === "x64" ? "amd64" : process.arch

test(
  "a machine that names an artifact set gets what its role needs, before anything else runs",
  {
    timeout: 180_000,
  },
  async () => {
    await using bench = await RemoteBench.start()
    const target = join(bench.directory, "installed")
    await addSet(bench, target, { name: "v1.34.4", architecture })
    await bench.startControllers()
    const said = join(bench.directory, "said")
    const spec = bench.hostSpec({ artifacts: "v1.34.4" })
    await bench.addMachine("m", bench.cloudConfig(`${target}/tool > ${said}`), { spec })
    const machine = await bench.untilReady("m")
    expect(await readFile(said, "utf8")).toBe("tool\n")
    await expect(access(join(target, "server"))).rejects.toThrow("ENOENT")
    expect(await bench.journal(machine)).toMatch(/^begun .*\nstarted install-artifacts 1 /)
  },
)

test(
  "a set for another architecture, or one that comes late, is named and waited for",
  {
    timeout: 180_000,
  },
  async () => {
    await using bench = await RemoteBench.start()
    const target = join(bench.directory, "installed")
    await addSet(bench, target, { name: "other", architecture: "s390x" })
    await bench.startControllers()
    const spec = bench.hostSpec({ artifacts: "other" })
    await bench.addMachine("m", bench.cloudConfig("true"), { spec })
    const wrong = await bench.untilReady("m", "ArtifactsMissing")
    expect(messageOf(wrong)).toBe(`artifact set other is for s390x, the host is ${architecture}`)
    await addSet(bench, target, { name: "right", architecture })
    const key = { namespace: "default", name: "m" }
    const body = { spec: { artifacts: "right" } }
    await bench.client.patch(RemoteMachineKind, key, { type: "merge", body })
    await bench.untilReady("m")
  },
)
