import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { silentLogger } from "#base"
import { Plane, restoreBackup, writeBackup } from "#plane"
import { labBinary } from "../../lab/paths.ts"
import { type AnyObject, Kubectl } from "../lab/kubectl.ts"

const passphrase = "a passphrase"
const minute = 60_000
const kinds = "clusters,machines,machinesets,machinedeployments,devmachines,kubeadmconfigs,secrets"
const workers = "machinedeployment/quickstart-workers"
const configMap = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "mine" } }

describe.skipIf(!labBinary("kubectl"))(
  "a plane with a simulated cluster (needs kubectl: npm run lab -- build)",
  () => {
    let root: string
    let plane: Plane
    let workloadKubeconfig: string

    const kubectl = new Kubectl(() => plane.kubeconfigFile)
    const workload = new Kubectl(() => workloadKubeconfig)
    const start = (name: string): Promise<Plane> =>
      Plane.start({
        dataDirectory: join(root, name),
        host: "127.0.0.1",
        port: 0,
        log: silentLogger,
      })

    beforeAll(async () => {
      root = await mkdtemp(join(tmpdir(), "mothership-plane-"))
      workloadKubeconfig = join(root, "workload.kubeconfig")
      plane = await start("first")
      const example = join(import.meta.dirname, "../../examples/quickstart.yaml")
      await kubectl.apply(await readFile(example, "utf8"))
      await untilReady()
      const secret = await kubectl.get("secret", "quickstart-kubeconfig")
      const value = Buffer.from(secret.data?.["value"] ?? "", "base64")
      await writeFile(workloadKubeconfig, value, { mode: 0o600 })
      await workload.apply(JSON.stringify(configMap))
    }, minute)

    afterAll(async () => {
      await plane.stop()
      await rm(root, { recursive: true })
    })

    test(
      "comes back from a backup with the objects, machines and users it had",
      async () => {
        const objects = identities(await kubectl.list(kinds))
        const nodes = identities(await workload.list("nodes"))
        const mine = await workload.get("configmap", "mine")
        const file = join(root, "backup")

        await writeBackup({ dataDirectory: plane.directory.path, file, passphrase, nowMs: 0 })
        await plane.stop()
        await rm(plane.directory.path, { recursive: true })
        await restoreBackup({ dataDirectory: join(root, "second"), file, passphrase })
        plane = await start("second")

        await untilReady()
        expect(identities(await kubectl.list(kinds))).toEqual(objects)
        expect(identities(await workload.list("nodes"))).toEqual(nodes)
        expect((await workload.get("configmap", "mine")).metadata.uid).toBe(mine.metadata.uid)
      },
      minute,
    )

    test(
      "scales up after it was restored",
      async () => {
        const before = identities(await kubectl.list("machines"))

        await kubectl.run(["scale", workers, "--replicas=4"])
        await kubectl.wait(workers, "jsonpath={.status.availableReplicas}=4")

        const after = identities(await kubectl.list("machines"))
        expect(after).toEqual(expect.arrayContaining([...before]))
        expect(after).toHaveLength(before.length + 1)
      },
      minute,
    )

    async function untilReady(): Promise<void> {
      await kubectl.wait("cluster/quickstart", "condition=Available")
      await kubectl.wait(workers, "jsonpath={.status.availableReplicas}=3")
    }
  },
)

function identities(objects: readonly AnyObject[]): readonly string[] {
  return objects.map(({ kind, metadata }) => `${kind}/${metadata.name} ${metadata.uid}`).sort()
}
