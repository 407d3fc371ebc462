import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { TestServer } from "#apiserver/testing"
import { isObject } from "#base"
import { type HttpAnswer, HttpClient } from "../apiserver/http-client.ts"
import type { ComparedRequest } from "./compared-request.ts"
import { hasRealApiServer, type RealApiServer, startRealApiServer } from "./real-api-server.ts"
import { comparedDefinition, comparedRequests } from "./requests.ts"

const required = process.env["MOTHERSHIP_TEST_REQUIRE"] === "all"
const definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"

describe.skipIf(!hasRealApiServer() && !required)(
  "answers are those of a real kube-apiserver (needs `npm run lab -- build`)",
  () => {
    let real: RealApiServer
    let ours: TestServer
    let realClient: HttpClient
    let ourClient: HttpClient

    beforeAll(async () => {
      ;[real, ours] = await Promise.all([startRealApiServer(), TestServer.start()])
      realClient = HttpClient.withToken(`https://127.0.0.1:${real.port}`, real.token)
      ourClient = await HttpClient.connect(ours)
      const widgets = "/apis/differential.test/v1/namespaces/default/widgets"
      await real.sendUntil({ method: "GET", path: "/api/v1/namespaces/default" }, 200)
      await real.sendUntil({ method: "GET", path: "/api/v1/namespaces/kube-system" }, 200)
      for (const client of [realClient, ourClient])
        await client.post(definitions, comparedDefinition)
      await real.sendUntil({ method: "GET", path: widgets }, 200)
    }, 120_000)

    afterAll(async () => {
      realClient?.[Symbol.dispose]()
      ourClient?.[Symbol.dispose]()
      await ours?.[Symbol.asyncDispose]()
      await real?.stop()
    })

    for (const [title, requests] of Object.entries(comparedRequests)) {
      describe(title, () => {
        test.each(requests.map((request) => [request.name, request] as const))(
          "%s",
          async (_, request) => {
            const [theirs, mine] = [await ask(realClient, request), await ask(ourClient, request)]
            expect(summary(mine, request)).toEqual(summary(theirs, request))
          },
        )
      })
    }
  },
)

async function ask(client: HttpClient, request: ComparedRequest): Promise<HttpAnswer> {
  const { method, path, body, contentType } = request
  return await client.send(method, path, { body, contentType })
}

/** What clients act on; what differs from run to run left out. */
function summary({ code, json, text }: HttpAnswer, request: ComparedRequest): unknown {
  if (json["kind"] !== "Status") {
    if (request.compares === "generation") return { code, ...vitals(json) }
    if (isObject(json["metadata"])) return { code, object: content(json) }
    return { code, text: code < 300 ? "" : text.trim() }
  }
  const { reason, message, details } = json
  if (request.compares === "reason") return { code, reason }
  return { code, reason, message: withoutUids(message), details: detailsOf(details) }
}

/** What the server itself says about an object; conditions are its controllers' to write. */
function vitals(object: Record<string, unknown>): object {
  const { metadata, status } = object
  const { conditions: _conditions, ...rest } = isObject(status) ? status : {}
  const generation = isObject(metadata) ? metadata["generation"] : undefined
  const deleted = isObject(metadata) && metadata["deletionTimestamp"] !== undefined
  return { generation, deleted, status: withoutZeros(rest) }
}

function withoutUids(message: unknown): string {
  return String(message).replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "UID")
}

function detailsOf(details: unknown): unknown {
  if (!isObject(details)) return details
  const { uid: _uid, ...rest } = details
  return rest
}

function content(object: Record<string, unknown>): unknown {
  const { metadata, status: _status, ...rest } = object
  if (!isObject(metadata)) return rest
  const {
    uid: _uid,
    resourceVersion: _revision,
    creationTimestamp: _time,
    managedFields: _managed,
    ...stable
  } = metadata
  return withoutZeros({ ...rest, metadata: stable })
}

/**
 * Kubernetes writes some empty members of its own kinds; clients cannot tell them from absent ones.
 */
function withoutZeros(value: unknown): unknown {
  if (!isObject(value)) return value
  const members = Object.entries(value)
    .map(([key, member]) => [key, withoutZeros(member)] as const)
    .filter(([, member]) => Boolean(member) && !isEmpty(member))
  return Object.fromEntries(members)
}

function isEmpty(value: unknown): boolean {
  return isObject(value) && Object.keys(value).length === 0
}
