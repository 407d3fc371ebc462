import { mkdtemp, readdir, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { silentLogger } from "#base"
import { Plane } from "#plane"
import { labBinary } from "../../lab/paths.ts"
import { Kubectl } from "../lab/kubectl.ts"

const directory = join(import.meta.dirname, "../../examples")
const examples = ["quickstart.yaml", "remote-machines.yaml"]

test("every example is applied here", async () => {
  expect((await readdir(directory)).sort()).toEqual(examples)
})

describe.skipIf(!labBinary("kubectl"))("the examples (needs kubectl: npm run lab -- build)", () => {
  let root: string
  let plane: Plane
  const kubectl = new Kubectl(() => plane.kubeconfigFile)

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), "mothership-examples-"))
    plane = await Plane.start({
      dataDirectory: join(root, "data"),
      host: "127.0.0.1",
      port: 0,
      log: silentLogger,
    })
  })

  afterAll(async () => {
    await plane.stop()
    await rm(root, { recursive: true })
  })

  test.each(examples)("%s has no field that the server does not know", async (name) => {
    const apply = ["apply", "--dry-run=server", "--validate=strict", "-f", join(directory, name)]

    const outcome = await kubectl.try(apply)

    expect(outcome).toMatchObject({ code: 0, stderr: "" })
    expect(outcome.stdout).toContain("machinedeployment")
  })
})
