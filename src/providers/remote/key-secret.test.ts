import { readdir } from "node:fs/promises"
import { expect, test } from "vitest"

import { MachineKind, RemoteMachineKind, SecretKind } from "#apis"

import { keySecretFinalizer } from "./annotations.ts"
import { RemoteBench } from "./testing/remote-bench.ts"

const key = { namespace: "default", name: "key" }

async function open(): Promise<RemoteBench> {
  const bench = await RemoteBench.start()
  await bench.startControllers()
  return bench
}

test("a key that is deleted with its machines stays until their hosts are clean", async () => {
  await using bench = await open()
  await bench.addMachine("m", bench.cloudConfig("true"))
  await bench.untilReady("m")

  await bench.client.delete(SecretKind, key)
  const kept = await bench.client.get(SecretKind, key)
  await bench.client.delete(MachineKind, { namespace: "default", name: "m" })
  await bench.deleteMachine("m")
  await bench.untilGone("m")
  await bench.until(SecretKind, "key", (secret) => secret === undefined)

  expect(kept.metadata.finalizers).toEqual([keySecretFinalizer])
  expect(await readdir(bench.sshd.layout.rootDir)).toEqual([])
}, 60_000)

test("a key is let go with the last of its machines, and other Secrets are left alone", async () => {
  await using bench = await open()
  await bench.addSecret("other", { value: "x" })
  const isKept = (finalizers: readonly string[] = []): boolean =>
    finalizers.includes(keySecretFinalizer)
  await bench.addEarlyMachine("one")
  await bench.addEarlyMachine("two")
  await bench.until(SecretKind, "key", (secret) => isKept(secret?.metadata.finalizers))

  await bench.deleteMachine("one")
  await bench.untilGone("one")
  const between = await bench.client.get(SecretKind, key)
  await bench.deleteMachine("two")
  await bench.until(SecretKind, "key", (secret) => !isKept(secret?.metadata.finalizers))

  expect(isKept(between.metadata.finalizers)).toBe(true)
  const other = await bench.client.get(SecretKind, { ...key, name: "other" })
  expect(other.metadata.finalizers).toBeUndefined()
  expect(await bench.client.list(RemoteMachineKind, {})).toMatchObject({ items: [] })
}, 60_000)
