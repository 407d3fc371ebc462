import { readFileSync } from "node:fs"
import { setTimeout as delay } from "node:timers/promises"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { type ConfigMap, ConfigMapKind } from "#apis"
import { systemClock } from "#base"
import { Client, ConnectionError, HttpTransport } from "#client"
import { ApiError, isAlreadyExists } from "#meta"
import { parseKubeconfig } from "#pki"
import { labBinary } from "../../lab/paths.ts"
import { Kubectl } from "../lab/kubectl.ts"
import { PlaneProcess } from "../lab/plane-process.ts"

const namespace = "default"
const byClient = 1_000
const byKubectl = 1_000
const batchSize = 50
const killCount = 20
const writersAtOnce = 8
/** A plane that is not there yet is asked again this much later. */
const retryMs = 20

describe.skipIf(!labBinary("kubectl"))("a plane that is killed while it is written to", () => {
  const plane = new PlaneProcess()
  const kubectl = new Kubectl(() => plane.kubeconfig)
  /** What was answered for: name and UID, undefined where the answer does not tell. */
  const acknowledged = new Map<string, string | undefined>()
  let newestRevision = 0
  let onAcknowledged: () => void = () => {}

  beforeAll(() => plane.start(), 60_000)
  afterAll(() => plane.remove())

  function acknowledge(name: string, object?: ConfigMap): void {
    acknowledged.set(name, acknowledged.get(name) ?? object?.metadata.uid)
    newestRevision = Math.max(newestRevision, Number(object?.metadata.resourceVersion ?? 0))
    onAcknowledged()
  }

  /** Kills and starts the plane again each time another share of the writes was answered. */
  async function killAgainAndAgain(): Promise<number> {
    const share = (byClient + byKubectl) / (killCount + 1)
    for (let kills = 0; kills < killCount; kills += 1) {
      const target = Math.floor(share * (kills + 1))
      await new Promise<void>((resolve) => {
        onAcknowledged = () => acknowledged.size >= target && resolve()
        onAcknowledged()
      })
      await plane.kill()
      await plane.start()
    }
    return killCount
  }

  async function writeByClient(): Promise<void> {
    const connection = parseKubeconfig(readFileSync(plane.kubeconfig, "utf8"))
    const transport = new HttpTransport({ ...connection, clock: systemClock, userAgent: "test" })
    const client = new Client(transport, { fieldManager: "test" })
    let next = 0
    const writer = async (): Promise<void> => {
      while (next < byClient) {
        const name = `client-${next++}`
        await untilAnswered(() => createOnce(client, name))
        const written = await untilAnswered(() =>
          client.patch(
            ConfigMapKind,
            { namespace, name },
            {
              type: "merge",
              body: { data: { step: "2" } },
            },
          ),
        )
        acknowledge(name, written)
      }
    }
    try {
      await Promise.all(Array.from({ length: writersAtOnce }, writer))
    } finally {
      transport.close()
    }
  }

  async function writeByKubectl(): Promise<void> {
    for (let first = 0; first < byKubectl; first += batchSize) {
      const names = Array.from({ length: batchSize }, (_name, index) => `kubectl-${first + index}`)
      const items = names.map((name) => manifest(name, "2"))
      const input = JSON.stringify({ apiVersion: "v1", kind: "List", items })
      for (let code = -1; code !== 0;) {
        const outcome = await kubectl.try(["apply", "-f", "-"], { input })
        code = outcome.code
        for (const [, name] of outcome.stdout.matchAll(
          /^configmap\/(\S+) (?:created|unchanged)/gm,
        )) {
          if (name !== undefined) acknowledge(name)
        }
      }
    }
  }

  test(
    "loses nothing that it has answered for, and makes nothing twice",
    { timeout: 300_000 },
    async () => {
      const [kills] = await Promise.all([killAgainAndAgain(), writeByClient(), writeByKubectl()])

      expect(kills).toBe(killCount)
      const stored = await kubectl.list("configmaps", "-n", namespace)
      const uids = new Map(stored.map(({ metadata }) => [metadata.name, metadata.uid]))
      const missing = [...acknowledged.keys()].filter((name) => !uids.has(name))
      expect(missing).toEqual([])
      expect(acknowledged.size).toBe(byClient + byKubectl)
      const changed = [...acknowledged].filter(([name, uid]) => uid && uids.get(name) !== uid)
      expect(changed).toEqual([])
      const written = stored.filter(({ metadata }) => acknowledged.has(metadata.name))
      for (const { metadata, data } of written) {
        expect(data).toEqual({ step: "2", payload: payloadOf(metadata.name) })
      }
      const after = JSON.parse(
        await kubectl.run(["create", "configmap", "last", "-o", "json"]),
      ) as ConfigMap
      expect(Number(after.metadata.resourceVersion)).toBeGreaterThan(newestRevision)
    },
  )
})

async function createOnce(client: Client, name: string): Promise<void> {
  try {
    await client.create(ConfigMapKind, manifest(name, "1"))
  } catch (error) {
    // The answer to an earlier attempt was lost; the object is there.
    if (!isAlreadyExists(error)) throw error
  }
}

/** Tries again while nobody answers. */
async function untilAnswered<T>(call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call()
    } catch (error) {
      const isAbsence = error instanceof ConnectionError
      const isStopping = error instanceof ApiError && error.code >= 500
      if (!isAbsence && !isStopping) throw error
    }
    await delay(retryMs)
  }
}

function manifest(
  name: string,
  step: string,
): ConfigMap & { readonly metadata: { readonly name: string } } {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { namespace, name },
    data: { step, payload: payloadOf(name) },
  }
}

/** Long enough to be torn, if writes could be. */
function payloadOf(name: string): string {
  return `${name} `.repeat(100)
}
