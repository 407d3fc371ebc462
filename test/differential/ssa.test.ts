import { definitions, zeroObject } from "#apis"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { type ComparedKind, compareStep } from "./comparison.ts"
import { hasRealApiServer, type RealApiServer, startRealApiServer } from "./real-api-server.ts"
import { applySequences, misfitSequences } from "./apply-sequences.ts"
import { configMapSequences, deploymentSequences } from "./builtin-sequences.ts"
import { randomPatches } from "./random-patches.ts"
import { randomSequence } from "./random-sequence.ts"
import type { Sequence } from "./steps.ts"
import { updateSequences } from "./update-sequences.ts"
import { widgetSchema } from "./widget.ts"

const required = process.env["MOTHERSHIP_TEST_REQUIRE"] === "all"

const crd = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "widgets.differential.test" },
  spec: {
    group: "differential.test",
    scope: "Namespaced",
    names: { plural: "widgets", singular: "widget", kind: "Widget", listKind: "WidgetList" },
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        schema: { openAPIV3Schema: widgetSchema },
        subresources: { status: {} },
      },
    ],
  },
}

const widgets: ComparedKind = {
  apiVersion: "differential.test/v1",
  kind: "Widget",
  collection: "/apis/differential.test/v1/namespaces/default/widgets",
  schema: widgetSchema,
  hasStatus: true,
}

function builtin(apiVersion: string, kind: string, definition: string): ComparedKind {
  const schema = definitions[`io.k8s.api.${definition}`]
  if (!schema) throw new Error(`no definition ${definition}`)
  const group = apiVersion === "v1" ? "/api/v1" : `/apis/${apiVersion}`
  const plural = `${kind.toLowerCase()}s`
  const collection = `${group}/namespaces/default/${plural}`
  return { apiVersion, kind, collection, schema, definitions, hasStatus: kind === "Deployment" }
}

describe.skipIf(!hasRealApiServer() && !required)(
  "what a real kube-apiserver does (needs `npm run lab -- build`)",
  () => {
    let server: RealApiServer | undefined

    beforeAll(async () => {
      server = await startRealApiServer()
      await settle(server)
    }, 120_000)

    afterAll(() => server?.stop())

    const deployments = {
      ...builtin("apps/v1", "Deployment", "apps.v1.Deployment"),
      empty: zeroObject("apps/v1", "Deployment"),
    }
    const seeds = Array.from({ length: 40 }, (_, seed) => seed)
    const cases: [string, ComparedKind, readonly Sequence[]][] = [
      ["custom resources", widgets, [...applySequences, ...updateSequences, ...misfitSequences]],
      ["random writes", widgets, seeds.map(randomSequence)],
      ["ConfigMaps", builtin("v1", "ConfigMap", "core.v1.ConfigMap"), configMapSequences],
      ["Deployments", { ...deployments, ownersOnly: true }, deploymentSequences],
      ["random strategic patches", deployments, seeds.map(randomPatches)],
    ]
    for (const [title, kind, sequences] of cases) {
      describe(title, () => {
        test.each(sequences.map((sequence) => [sequence.name, sequence] as const))(
          "%s",
          async (_, sequence) => {
            const name = `${title.replaceAll(" ", "-").toLowerCase()}-${sequences.indexOf(sequence)}`
            for (const [index, step] of sequence.steps.entries()) {
              const { real, ours } = await compareStep(server!, kind, name, step)
              const what = `step ${index}: ${step.verb} by ${step.manager}`
              if (step.empties === "surely" || (step.empties && hasNull(real))) {
                expect(hasNull(real), what).toBe(true)
                expect(ours.error, what).toBeUndefined()
                expect(hasNull(ours), what).toBe(false)
                // From an object with nulls in it the two would part for good.
                if (!real.error) return
              } else expect(ours, what).toEqual(real)
            }
          },
        )
      })
    }
  },
)

/** True for an object with a null in it, and for the refusal of one. */
function hasNull({ object, error }: { object?: unknown; error?: unknown }): boolean {
  const texts = [JSON.stringify(object ?? {}), JSON.stringify(error ?? {})]
  return texts.some((text) => /:null\b|\\"null\\/.test(text))
}

/** Installs the custom resource and waits until it, and the default namespace, are there. */
async function settle(server: RealApiServer): Promise<void> {
  const collection = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
  await server.send({ method: "POST", path: collection, body: crd })
  await server.sendUntil({ method: "GET", path: "/api/v1/namespaces/default" }, 200)
  const body = { apiVersion: widgets.apiVersion, kind: "Widget", metadata: { name: "probe" } }
  await server.sendUntil({ method: "POST", path: widgets.collection, body }, 201)
}
