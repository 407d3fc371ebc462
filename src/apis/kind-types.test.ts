import { expectTypeOf, test } from "vitest"
import type { Condition } from "#meta"
import type { RemoteMachine } from "./infrastructure/remote-machine.kind.ts"
import type { Cluster } from "./cluster/cluster.kind.ts"
import type { Machine } from "./cluster/machine.kind.ts"

test("a kind's type follows its schema", () => {
  expectTypeOf<Machine["spec"]["clusterName"]>().toEqualTypeOf<string>()
  expectTypeOf<Machine["spec"]["infrastructureRef"]["apiGroup"]>().toEqualTypeOf<string>()
  expectTypeOf<NonNullable<NonNullable<Cluster["status"]>["phase"]>>().toEqualTypeOf<
    "Pending" | "Provisioning" | "Provisioned" | "Deleting" | "Failed" | "Unknown"
  >()
  expectTypeOf<NonNullable<Machine["status"]>["conditions"]>().toEqualTypeOf<
    readonly Condition[] | undefined
  >()
})

test("a spec that the CRD does not require may be missing, its defaults are there with it", () => {
  expectTypeOf<undefined>().toExtend<RemoteMachine["spec"]>()
  expectTypeOf<NonNullable<RemoteMachine["spec"]>["port"]>().toEqualTypeOf<number>()
})
