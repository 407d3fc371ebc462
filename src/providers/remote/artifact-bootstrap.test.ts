import { access, readFile } from "node:fs/promises"
import { join } from "node:path"
import { expect, test } from "vitest"

import { RemoteMachineKind } from "#apis"

import { addSet, architecture } from "./testing/artifact-set.ts"
import { messageOf, RemoteBench } from "./testing/remote-bench.ts"

test(
  "a machine that names an artifact set gets what its role needs, before anything else runs",
  {
    timeout: 180_000,
  },
  async () => {
    await using bench = await RemoteBench.start()
    const target = join(bench.directory, "installed")
    await addSet(bench, target, { name: "v1.34.4" })
    await bench.startControllers()
    const said = join(bench.directory, "said")
    const spec = bench.hostSpec({ artifacts: "v1.34.4" })
    await bench.addMachine("m", bench.cloudConfig(`${target}/tool > ${said}`), { spec })
    const machine = await bench.untilReady("m")
    expect(await readFile(said, "utf8")).toBe("tool of v1.34.4\n")
    await expect(access(join(target, "server"))).rejects.toThrow("ENOENT")
    expect(await bench.startedSteps(machine)).toEqual([
      "install-artifacts",
      "command-1",
      "command-2",
      "check-sentinel",
    ])
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
    await addSet(bench, target, { name: "right" })
    const key = { namespace: "default", name: "m" }
    const body = { spec: { artifacts: "right" } }
    await bench.client.patch(RemoteMachineKind, key, { type: "merge", body })
    await bench.untilReady("m")
  },
)
