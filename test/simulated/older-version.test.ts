import { readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { MachineDeploymentKind } from "#apis"
import { labBinary } from "../../lab/paths.ts"
import { Management } from "./management.ts"
import { isDeploymentReady } from "./quickstart.ts"

test.skipIf(!labBinary("kubectl"))(
  "v1beta1 YAML becomes Ready, and is shown as v1beta1 (needs kubectl: npm run lab -- build)",
  async () => {
    await using management = await Management.start()
    const kubectl = await management.kubectl()
    await kubectl.apply(readFileSync(join(import.meta.dirname, "older.yaml"), "utf8"))

    await management.until(MachineDeploymentKind, "older-md-0", (deployment) =>
      isDeploymentReady(deployment, 2),
    )

    const machine = await kubectl.get("machines.v1beta1.cluster.x-k8s.io", "older-0")
    expect(machine).toMatchObject({ apiVersion: "cluster.x-k8s.io/v1beta1" })
    expect(machine.spec.infrastructureRef).toMatchObject({ kind: "DevMachine", name: "older-0" })
    expect(machine.spec.nodeDrainTimeout).toBe("30s")
    expect(machine.status).toMatchObject({ phase: "Running", infrastructureReady: true })
    const stored = await kubectl.get("devmachine", "older-0")
    expect(stored.spec.backend.inMemory.vm.provisioning.startupDuration).toBe("10ms")
    const workload = await management.workloadKubectl("older")
    expect(await workload.list("nodes")).toHaveLength(3)
  },
  60_000,
)
