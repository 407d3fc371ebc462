import { once } from "node:events"
import { connect as connectHttp2 } from "node:http2"
import { connect as connectTls } from "node:tls"
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import { CustomResourceDefinitionKind } from "#apis"
import { TestServer, widgetDefinition } from "#apiserver/testing"
import { FakeClock } from "#base/testing"
import { Client } from "#client"
import { HttpClient, type PatchKind } from "./http-client.ts"

const path = "/api/v1/namespaces/default/configmaps"
const widgets = "/apis/example.com/v1/namespaces/default/widgets"
const limit = 3 * 1024 * 1024

let server: TestServer
let http: HttpClient

beforeAll(async () => {
  server = await TestServer.start()
  http = await HttpClient.connect(server)
  const client = new Client(server.transport(), { fieldManager: "test" })
  await client.create(CustomResourceDefinitionKind, widgetDefinition())
  await http.post(path, configMap("target", { data: { a: "1" } }))
  await http.post(widgets, widget("target", { size: 1 }))
})

afterEach(async () => {
  expect((await http.get(`${path}/target`)).code).toBe(200)
  expect(Object.keys(Object.prototype)).toEqual([])
})

afterAll(async () => {
  http[Symbol.dispose]()
  await server[Symbol.asyncDispose]()
})

function configMap(name: string, more: object = {}): object {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name }, ...more }
}

function widget(name: string, spec: object = {}): object {
  return { apiVersion: "example.com/v1", kind: "Widget", metadata: { name }, spec }
}

function nested(depth: number, open: string, close: string, core = "1"): string {
  return open.repeat(depth) + core + close.repeat(depth)
}

describe("bodies", () => {
  const deep = {
    arrays: nested(100_000, "[", "]"),
    objects: nested(100_000, '{"a":', "}"),
    mixed: nested(50_000, '[{"a":', "}]"),
  }
  for (const [what, text] of Object.entries(deep)) {
    test.for([
      ["POST", path, "application/json"],
      ["POST", widgets, "application/json"],
      ["POST", widgets, "application/yaml"],
      ["PATCH", `${path}/target`, "application/merge-patch+json"],
      ["PATCH", `${path}/target`, "application/strategic-merge-patch+json"],
      ["PATCH", `${path}/target`, "application/json-patch+json"],
      ["PATCH", `${path}/target?fieldManager=x`, "application/apply-patch+yaml"],
      ["PATCH", `${widgets}/target?fieldManager=x`, "application/apply-patch+yaml"],
      ["DELETE", `${path}/target`, "application/json"],
    ] as const)(
      `a hundred thousand nested ${what} are refused: %s %s %s`,
      async ([method, target, contentType]) => {
        const body = `{"apiVersion":"v1","kind":"ConfigMap","x":${text}}`
        for (const sent of [body, text]) {
          const answer = await http.send(method, target, { body: sent, contentType })
          expect([400, 422]).toContain(answer.code)
          expect(answer.json["kind"]).toBe("Status")
        }
      },
    )
  }

  test("YAML that multiplies itself is refused", async () => {
    const lines = ["a0: &a0 [x,x,x,x,x,x,x,x,x]"]
    for (let level = 1; level < 12; level += 1) {
      const alias = `*a${level - 1}`
      lines.push(`a${level}: &a${level} [${Array.from({ length: 9 }, () => alias).join(",")}]`)
    }
    const body = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: bomb}\n${lines.join("\n")}\n`
    const answer = await http.send("POST", path, { body, contentType: "application/yaml" })
    expect(answer.code).toBe(400)
  })

  test("deep YAML in flow and block style is refused", async () => {
    const block = Array.from({ length: 2_000 }, (_, level) => `${" ".repeat(level)}a:`).join("\n")
    for (const body of [block, `a: ${nested(10_000, "[", "]")}`, nested(10_000, "- ", "")]) {
      const answer = await http.send("POST", path, { body, contentType: "application/yaml" })
      expect(answer.json).toMatchObject({ code: 400, reason: "BadRequest" })
    }
  })

  test("a body over 3 MiB is refused, announced or not", async () => {
    const value = "x".repeat(limit)
    const announced = await http.post(path, configMap("big", { data: { value } }))
    expect(announced.json).toMatchObject({
      code: 413,
      reason: "RequestEntityTooLarge",
      message: "Request entity too large: limit is 3145728",
    })
    const chunked = await http2Post(path, Buffer.from(value + value))
    expect(chunked).toBe(413)
  })

  test("data over a megabyte is refused by its kind", async () => {
    const body = configMap("mega", { data: { value: "x".repeat(1024 * 1024 + 1) } })
    const { json } = await http.post(path, body)
    expect(json).toMatchObject({ code: 422, reason: "Invalid" })
    expect(json["message"]).toContain("Too long: may not be more than 1048576 bytes")
  })

  test.for([
    "",
    "null",
    "[]",
    '"text"',
    "1",
    "{",
    "\u0000",
    '{"a":1}}',
    '{"metadata":[]}',
    '{"metadata":{"name":7}}',
    '{"metadata":{"name":"x","labels":["a"]}}',
    '{"metadata":{"name":"x","labels":{"a":1}}}',
    '{"metadata":{"name":"x","finalizers":"a"}}',
    '{"metadata":{"name":"x","ownerReferences":[1]}}',
    '{"metadata":{"name":"x","managedFields":[{"fieldsV1":7,"manager":{}}]}}',
    '{"metadata":{"name":"x","creationTimestamp":{}}}',
    '{"metadata":{"name":"x"},"data":"a"}',
    '{"metadata":{"name":"x"},"data":{"a":{}}}',
  ])("the body %j is a bad request", async (body) => {
    const { code, json } = await http.send("POST", path, { body })
    expect([400, 422]).toContain(code)
    expect(json["kind"]).toBe("Status")
  })

  test("bytes that are no UTF-8 do not break anything", async () => {
    const body = Buffer.concat([
      Buffer.from('{"metadata":{"name":"'),
      Buffer.from([0xff, 0xfe, 0xc3]),
    ])
    expect((await http.send("POST", path, { body })).code).toBe(400)
    const value = Buffer.from([0xff, 0xfe])
    const parts = [
      Buffer.from('{"metadata":{"name":"utf"},"data":{"a":"'),
      value,
      Buffer.from('"}}'),
    ]
    expect([201, 400]).toContain(
      (await http.send("POST", path, { body: Buffer.concat(parts) })).code,
    )
  })
})

async function http2Post(target: string, body: Buffer): Promise<number> {
  const { certificatePem, privateKeyPem } = await server.clientCertificate()
  const session = connectHttp2(await server.url(), {
    ca: server.caPem,
    cert: certificatePem,
    key: privateKeyPem,
  })
  const stream = session.request({
    ":method": "POST",
    ":path": target,
    "content-type": "application/json",
  })
  stream.on("error", () => {})
  stream.end(body)
  const [headers] = (await once(stream, "response")) as [{ ":status": number }]
  session.destroy()
  return headers[":status"]
}

describe("__proto__ is a name like any other", () => {
  const evil = '{"__proto__":{"polluted":"yes"},"constructor":{"prototype":{"polluted":"yes"}}}'
  const bodies: Readonly<Record<PatchKind, string>> = {
    merge: `{"data":${evil.replaceAll('{"polluted":"yes"}', '"p"').replace('{"prototype":"p"}', '"c"')},"__proto__":{"polluted":"yes"}}`,
    strategic: `{"metadata":{"labels":{"__proto__":"p"},"annotations":{"__proto__":"p"}},"__proto__":{"polluted":"yes"}}`,
    json: '[{"op":"add","path":"/__proto__/polluted","value":"yes"},{"op":"add","path":"/metadata/__proto__","value":{"polluted":"yes"}},{"op":"copy","from":"/constructor/prototype","path":"/data/x"}]',
    apply: `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"target","__proto__":{"polluted":"yes"}},"data":{"__proto__":"p"},"__proto__":{"polluted":"yes"}}`,
  }
  test.for(Object.entries(bodies) as [PatchKind, string][])(
    "in a %s patch",
    async ([type, body]) => {
      const answer = await http.patch(`${path}/target?fieldManager=x`, type, body)
      expect(answer.code).toBeLessThan(501)
      expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined()
    },
  )

  test("in objects, selectors and queries", async () => {
    await http.post(
      widgets,
      `{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"p"},"spec":${evil},"__proto__":${evil}}`,
    )
    const data =
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"proto"},"data":{"__proto__":"kept"}}'
    expect((await http.post(path, data)).code).toBe(201)
    expect((await http.get(`${path}/proto`)).text).toContain('"data":{"__proto__":"kept"}')
    for (const query of ["labelSelector=__proto__", "fieldSelector=__proto__%3Dx", "__proto__=1"]) {
      expect((await http.get(`${path}?${query}`)).code).toBeLessThan(500)
    }
    expect((await http.get("/api/v1/namespaces/default/__proto__")).code).toBe(404)
    expect((await http.get("/apis/__proto__/v1/constructor")).code).toBe(404)
    expect((await http.get(`${path}/__proto__`)).code).toBe(404)
    expect((await http.get(`${path}/target/constructor`)).code).toBe(404)
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined()
  })
})

describe("definitions", () => {
  test("a pattern that would take for ever elsewhere is linear here", async () => {
    const color = `${"a".repeat(50_000)}!`
    const { json } = await http.post(widgets, widget("slow", { color }))
    expect(json).toMatchObject({ code: 422, reason: "Invalid" })
  })

  test("a schema that nests for ever, or whose pattern is none, is refused", async () => {
    let schema: object = { type: "string" }
    for (let depth = 0; depth < 600; depth += 1)
      schema = { type: "object", properties: { a: schema } }
    const definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    const base = widgetDefinition()
    const [version] = base.spec.versions
    for (const bad of [
      schema,
      { type: "object", properties: { a: { type: "string", pattern: "(" } } },
    ]) {
      const versions = [{ ...version, schema: { openAPIV3Schema: bad } }]
      const body = {
        ...base,
        metadata: { name: "deeps.example.com" },
        spec: { ...base.spec, names: { plural: "deeps", kind: "Deep" }, versions },
      }
      const { code } = await http.post(definitions, body)
      expect([400, 422]).toContain(code)
    }
  })
})

describe("connections", () => {
  test("a broken percent escape is a bad request", async () => {
    const { json } = await http.get(`${path}/%zz`)
    expect(json).toMatchObject({ code: 400, reason: "BadRequest" })
    expect((await http.get(`${path}?labelSelector=%zz`)).code).toBe(400)
    expect((await http.get(`${path}/..%2f..%2fsecrets`)).code).toBe(404)
  })

  test("headers beyond all measure are refused, and so is a method nobody knows", async () => {
    const socket = await tls()
    socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\nx-big: ${"y".repeat(70_000)}\r\n\r\n`)
    expect(await received(socket)).toMatch(/^HTTP\/1\.1 431 /)
    const other = await tls()
    other.write("BREW / HTTP/1.1\r\nhost: x\r\n\r\n")
    expect(await received(other)).toMatch(/^HTTP\/1\.1 400 /)
  })

  test("a client that vanishes in the middle of its body leaves nothing behind", async () => {
    const { certificatePem, privateKeyPem } = await server.clientCertificate()
    const socket = await tls({ cert: certificatePem, key: privateKeyPem })
    socket.write(
      `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"metadata"`,
    )
    const listed = await http.get(path)
    socket.destroy()
    expect((await http.get(path)).text).toBe(listed.text)
  })

  test("a body that drips is given up after a minute", async () => {
    const clock = new FakeClock()
    await using timed = await TestServer.start({ clock })
    const { certificatePem, privateKeyPem } = await timed.clientCertificate()
    const socket = await tls({ cert: certificatePem, key: privateKeyPem }, timed)
    socket.write(
      `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{`,
    )
    const answered = once(socket, "data")
    using other = await HttpClient.connect(timed)
    await other.get(path)
    while (clock.nextDueMs === undefined) await other.get(path)
    clock.advance(61_000)
    const [answer] = (await answered) as [Buffer]
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 408 /)
    socket.destroy()
  })

  test("nonsense instead of TLS is dropped", async () => {
    const { connect } = await import("node:net")
    const { port } = new URL(await server.url())
    const socket = connect(Number(port), "127.0.0.1")
    socket.on("error", () => {})
    const closed = new Promise((resolve) => socket.on("close", resolve))
    socket.write("GET / HTTP/1.1\r\n\r\n")
    await closed
  })

  /** All that comes until the server closes the connection. */
  function received(socket: ReturnType<typeof connectTls>): Promise<string> {
    let text = ""
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString()
    })
    return new Promise((resolve) => socket.on("close", () => resolve(text)))
  }

  async function tls(
    certified: { readonly cert?: string; readonly key?: string } = {},
    target: TestServer = server,
  ): Promise<ReturnType<typeof connectTls>> {
    const { port } = new URL(await target.url())
    const options = { port: Number(port), host: "127.0.0.1", ca: target.caPem, ...certified }
    const socket = connectTls({ ...options, ALPNProtocols: ["http/1.1"] })
    socket.on("error", () => {})
    await once(socket, "secureConnect")
    return socket
  }
})

describe("too many at once", () => {
  test("requests beyond the limit are told to come back, those of administrators are not", async () => {
    const clock = new FakeClock()
    await using narrow = await TestServer.start({ clock, limits: { reading: 1, mutating: 1 } })
    const user = { name: "bob", groups: ["system:authenticated"] }
    using admin = await HttpClient.connect(narrow)
    await admin.post("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", {
      metadata: { name: "bob" },
      roleRef: { kind: "ClusterRole", name: "cluster-admin" },
      subjects: [{ kind: "User", name: "bob" }],
    })
    await admin.post("/apis/rbac.authorization.k8s.io/v1/clusterroles", {
      metadata: { name: "cluster-admin" },
      rules: [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }],
    })
    using bob = await HttpClient.connect(narrow, user)
    using other = await HttpClient.connect(narrow, user)
    const waiting = bob.get(`${path}?resourceVersion=99999999`)
    while (clock.nextDueMs === undefined) await other.get("/version")
    const { json, headers } = await other.get(path)
    expect(json).toMatchObject({
      code: 429,
      reason: "TooManyRequests",
      details: { retryAfterSeconds: 1 },
    })
    expect(headers["retry-after"]).toBe("1")
    expect((await admin.get(path)).code).toBe(200)
    using watch = await other.watch(`${path}?watch=true`)
    expect(watch.code).toBe(200)
    clock.advance(4_000)
    expect((await waiting).code).toBe(504)
    expect((await other.get(path)).code).toBe(200)
  })
})
