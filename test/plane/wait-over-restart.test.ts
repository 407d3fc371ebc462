import { readFileSync } from "node:fs"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import {
  Kubectl,
  type KubectlProgram,
  kubectlPrograms,
  skipsKubectl,
} from "../apiserver/kubectl.ts"
import { PlaneProcess } from "../lab/plane-process.ts"

const minute = 60_000
const configMap = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "awaited" } }

describe.skipIf(kubectlPrograms.some((program) => skipsKubectl(program)))(
  "every kubectl that waits (needs `npm run lab -- build`)",
  () => {
    const plane = new PlaneProcess()
    const kubectls: Kubectl[] = []

    beforeAll(() => plane.start(), minute)
    afterAll(async () => {
      for (const kubectl of kubectls) await kubectl[Symbol.asyncDispose]()
      await plane.remove()
    })

    async function open(program: KubectlProgram): Promise<Kubectl> {
      const kubectl = await Kubectl.open(readFileSync(plane.kubeconfig, "utf8"), program)
      kubectls.push(kubectl)
      return kubectl
    }

    test(
      "goes on waiting while the plane is killed, and hears of what comes after",
      async () => {
        for (const program of kubectlPrograms) await open(program)
        const [first] = kubectls
        await first?.feed(["create"], configMap)
        const waits = kubectls.map((kubectl) =>
          kubectl.follow([
            "wait",
            "cm/awaited",
            "--for=jsonpath={.data.step}=2",
            "--timeout=5m",
            "-v=8",
          ]),
        )
        await Promise.all(waits.map(untilWatching))

        await plane.kill()
        await plane.start()
        await first?.out(["patch", "cm/awaited", "-p", '{"data":{"step":"2"}}'])

        const rests = await Promise.all(waits.map((lines) => Array.fromAsync(lines)))
        for (const rest of rests) expect(rest).toContain("configmap/awaited condition met")
      },
      minute * 2,
    )
  },
)

/** Reads the log up to the answer to the request for a watch. */
async function untilWatching(lines: AsyncGenerator<string, undefined>): Promise<void> {
  let isAsked = false
  for (;;) {
    const { value, done } = await lines.next()
    if (done === true) throw new Error("kubectl wait: it ended before it watched")
    isAsked ||= value.includes("watch=true")
    if (isAsked && /Response.*200 OK/.test(value)) return
  }
}
