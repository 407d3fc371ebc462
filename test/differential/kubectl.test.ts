import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { TestServer } from "#apiserver/testing"
import { silentLogger, systemClock } from "#base"
import { SystemControllers } from "#system"
import {
  Kubectl,
  kubectlPrograms,
  type Ran,
  sameKubectl,
  skipsKubectl,
} from "../apiserver/kubectl.ts"
import { type ComparedCommand, comparedCommands, widgetKind } from "./kubectl-commands.ts"
import { hasRealApiServer, type RealApiServer, startRealApiServer } from "./real-api-server.ts"

const required = process.env["MOTHERSHIP_TEST_REQUIRE"] === "all"
const program = kubectlPrograms.at(-1) ?? sameKubectl

describe.skipIf((!hasRealApiServer() && !required) || skipsKubectl(program))(
  `what ${program.program} says is what it says of a real kube-apiserver (needs \`npm run lab -- build\`)`,
  () => {
    let real: RealApiServer
    let ours: TestServer
    let system: SystemControllers
    let kubectls: readonly [Kubectl, Kubectl]

    beforeAll(async () => {
      ;[real, ours] = await Promise.all([startRealApiServer(), TestServer.start()])
      const { server, caPem } = ours
      system = new SystemControllers({ server, caPem, clock: systemClock, log: silentLogger })
      await system.start()
      await real.sendUntil({ method: "GET", path: "/api/v1/namespaces/default" }, 200)
      const ourConfig = await ours.kubeconfig({ name: "admin", groups: ["system:masters"] })
      kubectls = [
        await Kubectl.open(kubeconfigOf(real), program),
        await Kubectl.open(ourConfig, program),
      ]
      for (const kubectl of kubectls) {
        await kubectl.out(["config", "set-context", "--current", "--namespace=compared"])
        await kubectl.feed(["apply"], widgetKind)
      }
      // The real server describes a new kind only some time after it serves it.
      await real.sendUntil({ method: "GET", path: "/openapi/v3/apis/compared.test/v1" }, 200)
    }, 120_000)

    afterAll(async () => {
      for (const kubectl of kubectls ?? []) await kubectl[Symbol.asyncDispose]()
      await system?.stop()
      await ours?.[Symbol.asyncDispose]()
      await real?.stop()
    })

    for (const [title, commands] of Object.entries(comparedCommands)) {
      describe(title, () => {
        test.each(commands.map((command) => [titleOf(command), command] as const))(
          "%s",
          async (_, command) => {
            const [theirs, mine] = await Promise.all(
              kubectls.map(async (kubectl) => summary(await run(kubectl, command), command)),
            )
            expect(mine).toEqual(theirs)
          },
        )
      })
    }
  },
)

function kubeconfigOf({ port, token }: RealApiServer): string {
  const cluster = { server: `https://127.0.0.1:${port}`, "insecure-skip-tls-verify": true }
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": "real",
    clusters: [{ name: "real", cluster }],
    users: [{ name: "real", user: { token } }],
    contexts: [{ name: "real", context: { cluster: "real", user: "real" } }],
  })
}

function titleOf({ line, input }: ComparedCommand): string {
  return input === undefined ? line : `${line} ${JSON.stringify(input).slice(0, 120)}`
}

async function run(kubectl: Kubectl, { line, input, edit }: ComparedCommand): Promise<Ran> {
  const script = `#!/bin/sh\nsed -i '${edit ?? ""}' "$1"\n`
  const editor = edit === undefined ? "false" : await kubectl.file("editor.sh", script, 0o700)
  return await kubectl.run(wordsOf(line), {
    input: input === undefined ? undefined : JSON.stringify(input),
    environment: { KUBE_EDITOR: editor },
  })
}

function wordsOf(line: string): string[] {
  return (line.match(/'[^']*'|[^ ']+/g) ?? []).map((word) => word.replaceAll("'", ""))
}

/** What a user reads; what differs from run to run left out. */
function summary({ code, stdout, stderr }: Ran, { compares }: ComparedCommand): unknown {
  if (compares === "reason") return { code, reason: reasonOf(stderr) }
  return { code, stdout: stable(stdout), stderr: stable(stderr) }
}

function reasonOf(stderr: string): string {
  const [, reason] = /^Error from server \((\w+)\)/m.exec(stderr) ?? []
  return reason ?? (/is invalid/.test(stderr) ? "Invalid" : "")
}

const variables: readonly (readonly [RegExp, string])[] = [
  [/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "UID"],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, "TIME"],
  [/(resourceVersion"?: |Resource Version: +)"?\d+"?/g, "$1REVISION"],
  [/127\.0\.0\.1:\d+/g, "ADDRESS"],
  [/\b\d+s\b/g, "AGE"],
  [/[ \t]+$/gm, ""],
]

/** The real server finds what is wrong with an object in the order of a Go map. */
function stable(text: string): string {
  const [, ...findings] = text.split(/^(?=\* )/m)
  const sorted = text.slice(0, text.length - findings.join("").length) + findings.sort().join("")
  return variables.reduce((changed, [from, to]) => changed.replaceAll(from, to), sorted)
}
