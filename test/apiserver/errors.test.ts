import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { CustomResourceDefinitionKind } from "#apis"
import { TestServer, widgetDefinition } from "#apiserver/testing"
import { Client } from "#client"
import { HttpClient } from "./http-client.ts"

const configMaps = "/api/v1/namespaces/default/configmaps"
const widgets = "/apis/example.com/v1/namespaces/default/widgets"

let server: TestServer
let http: HttpClient

beforeAll(async () => {
  server = await TestServer.start()
  http = await HttpClient.connect(server)
  const client = new Client(server.transport(), { fieldManager: "test" })
  await client.create(CustomResourceDefinitionKind, widgetDefinition())
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

describe("what is not there", () => {
  test("a missing object is NotFound, with its resource in the details", async () => {
    const { code, json } = await http.get(`${configMaps}/zz`)
    expect(code).toBe(404)
    expect(json).toEqual({
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      message: 'configmaps "zz" not found',
      reason: "NotFound",
      details: { name: "zz", kind: "configmaps" },
      code: 404,
    })
  })

  test("a missing custom object names its group", async () => {
    const { json } = await http.get(`${widgets}/zz`)
    expect(json["message"]).toBe('widgets.example.com "zz" not found')
    expect(json["details"]).toEqual({ name: "zz", group: "example.com", kind: "widgets" })
  })

  test("an unknown resource of a known version is a Status, an unknown version is a page", async () => {
    const known = await http.get("/apis/example.com/v1/gizmos")
    expect(known.json).toMatchObject({
      code: 404,
      reason: "NotFound",
      message: "the server could not find the requested resource",
      details: {},
    })
    const unknown = await http.get("/apis/example.org/v1/gizmos")
    expect([unknown.code, unknown.text]).toEqual([404, "404 page not found\n"])
    expect(unknown.headers["content-type"]).toContain("text/plain")
  })

  test("a namespace that is not there cannot be written to, and lists nothing", async () => {
    const path = "/api/v1/namespaces/nowhere/configmaps"
    const created = await http.post(path, configMap("a"))
    expect(created.json).toMatchObject({ code: 404, message: 'namespaces "nowhere" not found' })
    const listed = await http.get(path)
    expect([listed.code, listed.json["items"]]).toEqual([200, []])
  })

  test("status of a kind without it is NotFound", async () => {
    const { code } = await http.get(`${configMaps}/a/status`)
    expect(code).toBe(404)
  })
})

describe("what is in the way", () => {
  test("a second object of a name already exists", async () => {
    await http.post(configMaps, configMap("twice"))
    const { json } = await http.post(configMaps, configMap("twice"))
    expect(json).toMatchObject({
      code: 409,
      reason: "AlreadyExists",
      message: 'configmaps "twice" already exists',
      details: { name: "twice", kind: "configmaps" },
    })
  })

  test("a dry run of a second object of a name is refused, too", async () => {
    await http.post(configMaps, configMap("rehearsed"))
    const { json } = await http.post(`${configMaps}?dryRun=All`, configMap("rehearsed"))
    expect(json).toMatchObject({ code: 409, reason: "AlreadyExists" })
  })

  test("whoever takes the name of an object on the way out is told so", async () => {
    const metadata = { name: "leaving", finalizers: ["example.com/held"] }
    await http.post(configMaps, configMap("leaving", { metadata }))
    await http.send("DELETE", `${configMaps}/leaving`)
    const { json } = await http.post(configMaps, configMap("leaving"))
    expect(json).toMatchObject({
      code: 409,
      reason: "AlreadyExists",
      message: 'object is being deleted: configmaps "leaving" already exists',
    })
  })

  test.for(["PUT", "merge", "apply"] as const)(
    "a stale resource version is a conflict: %s",
    async (how) => {
      const name = `stale-${how.toLowerCase()}`
      const first = await http.post(configMaps, configMap(name))
      const { resourceVersion } = first.json["metadata"] as { resourceVersion: string }
      const path = `${configMaps}/${name}`
      await http.patch(path, "merge", { data: { a: "1" } })
      const body = configMap(name, { metadata: { name, resourceVersion }, data: { a: "2" } })
      const { json } =
        how === "PUT"
          ? await http.send("PUT", path, { body })
          : await http.patch(
              how === "apply" ? `${path}?fieldManager=x&force=true` : path,
              how,
              body,
            )
      expect(json).toMatchObject({
        code: 409,
        reason: "Conflict",
        message: `Operation cannot be fulfilled on configmaps "${name}": the object has been modified; please apply your changes to the latest version and try again`,
      })
    },
  )

  test("another object's UID is a conflict, for a PUT and for a delete", async () => {
    await http.post(configMaps, configMap("mine"))
    const path = `${configMaps}/mine`
    const body = configMap("mine", { metadata: { name: "mine", uid: "other" } })
    const put = await http.send("PUT", path, { body })
    expect(put.json).toMatchObject({ code: 409, reason: "Conflict" })
    expect(put.json["message"]).toContain("Precondition failed: UID in precondition: other")
    const deleted = await http.send("DELETE", path, { body: { preconditions: { uid: "other" } } })
    expect(deleted.json).toMatchObject({ code: 409, reason: "Conflict" })
    const old = await http.send("DELETE", path, {
      body: { preconditions: { resourceVersion: "1" } },
    })
    expect(old.json).toMatchObject({ code: 409, reason: "Conflict" })
  })

  test("an apply cannot give an object another UID", async () => {
    await http.post(configMaps, configMap("same"))
    const body = configMap("same", { metadata: { name: "same", uid: "other" } })
    const { json } = await http.patch(`${configMaps}/same?fieldManager=x`, "apply", body)
    expect(json).toMatchObject({
      code: 422,
      message:
        'ConfigMap "same" is invalid: metadata.uid: Invalid value: "other": field is immutable',
    })
  })

  test("another manager's field is a conflict of an apply, until it is forced", async () => {
    const path = `${configMaps}/owned`
    const mine = configMap("owned", { data: { a: "1" } })
    const created = await http.patch(`${path}?fieldManager=one`, "apply", mine)
    expect(created.code).toBe(201)
    const theirs = configMap("owned", { data: { a: "2" } })
    const { json } = await http.patch(`${path}?fieldManager=two`, "apply", theirs)
    expect(json).toMatchObject({
      code: 409,
      reason: "Conflict",
      message: 'Apply failed with 1 conflict: conflict with "one": .data.a',
      details: {
        causes: [
          { reason: "FieldManagerConflict", message: 'conflict with "one"', field: ".data.a" },
        ],
      },
    })
    const forced = await http.patch(`${path}?fieldManager=two&force=true`, "apply", theirs)
    expect(forced.json["data"]).toEqual({ a: "2" })
  })
})

describe("what is wrong with an object", () => {
  test("every finding is a cause, with reason and field", async () => {
    const { json } = await http.post(widgets, widget("Bad_Name", { size: 0 }))
    expect(json).toMatchObject({
      code: 422,
      reason: "Invalid",
      details: {
        name: "Bad_Name",
        group: "example.com",
        kind: "Widget",
        causes: [
          { reason: "FieldValueInvalid", field: "metadata.name" },
          {
            reason: "FieldValueInvalid",
            field: "spec.size",
            message: "Invalid value: 0: spec.size in body should be greater than or equal to 1",
          },
        ],
      },
    })
    expect(json["message"]).toMatch(
      /^Widget\.example\.com "Bad_Name" is invalid: \[metadata\.name: Invalid value: "Bad_Name": .*, spec\.size: Invalid value: 0: /,
    )
  })

  test("unknown and duplicate fields are refused when strict, warned about by default, ignored on demand", async () => {
    const body =
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"strict"},"foo":1,"data":{"a":"1","a":"2"}}'
    const strict = await http.post(`${configMaps}?fieldValidation=Strict`, body)
    expect(strict.json).toMatchObject({ code: 400, reason: "BadRequest" })
    expect(strict.json["message"]).toContain(
      'strict decoding error: duplicate field "data.a", unknown field "foo"',
    )
    const warned = await http.post(configMaps, body)
    expect(warned.code).toBe(201)
    expect(warned.json["data"]).toEqual({ a: "2" })
    expect(warned.headers["warning"]).toBe(
      String.raw`299 - "duplicate field \"data.a\"", 299 - "unknown field \"foo\""`,
    )
    const path = `${configMaps}/strict?fieldValidation=Ignore`
    const ignored = await http.patch(path, "merge", { foo: 1 })
    expect([ignored.code, ignored.headers["warning"]]).toEqual([200, undefined])
  })

  test("a body of another kind, version, name or namespace is a bad request", async () => {
    const messages = await Promise.all(
      [
        [widgets, { ...widget("a"), apiVersion: "example.com/v2" }],
        [widgets, { ...widget("a"), kind: undefined }],
        [configMaps, configMap("a", { kind: "Secret" })],
        [configMaps, configMap("a", { metadata: { name: "a", namespace: "other" } })],
      ].map(async ([path, body]) => (await http.post(path as string, body)).json),
    )
    expect(messages.map((json) => json["code"])).toEqual([400, 400, 400, 400])
    expect(messages.map((json) => json["message"])).toEqual([
      "the API version in the data (example.com/v2) does not match the expected API version (example.com/v1)",
      "Object 'Kind' is missing",
      expect.stringContaining("Secret"),
      "the namespace of the provided object does not match the namespace sent on the request",
    ])
    await http.post(configMaps, configMap("q"))
    const renamed = await http.send("PUT", `${configMaps}/q`, { body: configMap("qq") })
    expect(renamed.json).toMatchObject({
      code: 400,
      message: "the name of the object (qq) does not match the name on the URL (q)",
    })
  })

  test("a type that is not the field's is a bad request for Kubernetes' own kinds, and invalid for custom ones", async () => {
    const own = await http.post(configMaps, configMap("typed", { data: { a: 1 } }))
    expect(own.json).toMatchObject({ code: 400, reason: "BadRequest" })
    const custom = await http.post(widgets, widget("typed", { size: "big" }))
    expect(custom.json).toMatchObject({ code: 422, reason: "Invalid" })
    expect(custom.json["details"]).toMatchObject({
      causes: [{ reason: "FieldValueTypeInvalid", field: "spec.size" }],
    })
  })

  test("an empty value of a label or a map of texts is an empty text", async () => {
    const metadata = { name: "empty", labels: { bare: null }, annotations: { note: null } }
    const made = await http.post(configMaps, { metadata, data: { key: null } })
    expect(made.json).toMatchObject({
      metadata: { labels: { bare: "" }, annotations: { note: "" } },
      data: { key: "" },
    })
    const custom = { ...widget("empty"), metadata: { name: "empty", labels: { bare: null } } }
    expect((await http.post(widgets, custom)).json).toMatchObject({
      metadata: { labels: { bare: "" } },
    })
    const applied = { ...configMap("applied"), data: { key: null } }
    const { json } = await http.patch(`${configMaps}/applied?fieldManager=x`, "apply", applied)
    expect(json["data"]).toEqual({ key: "" })
  })

  test("a Secret may hold nothing under a key, and base64 may break its lines", async () => {
    const secrets = "/api/v1/namespaces/default/secrets"
    const data = { none: "", broken: "eA=\r\n=\n" }
    const made = await http.post(secrets, { metadata: { name: "odd" }, data })
    expect(made.json["data"]).toEqual({ none: "", broken: "eA==" })
    const map = { metadata: { name: "odd" }, binaryData: data }
    expect((await http.post(configMaps, map)).json["binaryData"]).toEqual({
      none: "",
      broken: "eA==",
    })
    const bad = await http.post(secrets, { metadata: { name: "bad" }, data: { a: "eA" } })
    expect(bad.json).toMatchObject({ code: 400, reason: "BadRequest" })
  })

  test.for([
    ["1.5Gi", 201],
    [2, 201],
    ["much", 400],
    ["1 Gi", 400],
  ] as const)("an amount of %j is answered with %d", async ([amount, code]) => {
    const metadata = { name: `amount-${code}-${String(amount).toLowerCase().replace(/\W/g, "")}` }
    const quota = { metadata, spec: { hard: { memory: amount } } }
    const answer = await http.post("/api/v1/namespaces/default/resourcequotas", quota)
    expect(answer.code).toBe(code)
  })

  test("times that Go could not read back are refused", async () => {
    const leases = "/apis/coordination.k8s.io/v1/namespaces/default/leases"
    const lease = (name: string, renewTime: string): object => ({
      metadata: { name },
      spec: { renewTime },
    })
    const short = await http.post(leases, lease("short", "2026-01-01T00:00:00Z"))
    expect(short.json).toMatchObject({
      code: 422,
      details: { causes: [{ field: "spec.renewTime" }] },
    })
    expect((await http.post(leases, lease("full", "2026-01-01T00:00:00.000000Z"))).code).toBe(201)
    const events = "/api/v1/namespaces/default/events"
    const involvedObject = { kind: "ConfigMap", name: "x", namespace: "default" }
    const event = { metadata: { name: "e" }, involvedObject, eventTime: "2026-01-01T00:00:00Z" }
    expect((await http.post(events, event)).json).toMatchObject({ code: 422 })
  })

  test("a patch that leaves what cannot be read is invalid, and so is one that changes the kind", async () => {
    await http.post(configMaps, configMap("read"))
    const path = `${configMaps}/read`
    const answers = [
      await http.patch(path, "merge", { data: { a: 1 } }),
      await http.patch(path, "strategic", { metadata: { labels: { a: true } } }),
      await http.patch(`${path}?fieldValidation=Strict`, "merge", { date: {} }),
      await http.patch(path, "merge", { kind: "Secret" }),
    ]
    for (const { json } of answers) expect(json).toMatchObject({ code: 422, reason: "Invalid" })
  })

  test("a patch that leaves no name is a bad request", async () => {
    await http.post(configMaps, configMap("named"))
    const { json } = await http.patch(`${configMaps}/named`, "merge", { metadata: null })
    expect(json).toMatchObject({ code: 400, reason: "BadRequest" })
  })

  test("why a JSON patch does not apply is in the message, and nothing hides it", async () => {
    await http.post(configMaps, configMap("patched"))
    const operations = [{ op: "remove", path: "/data/none" }]
    const { json } = await http.patch(`${configMaps}/patched`, "json", operations)
    expect(json).toMatchObject({ code: 422, reason: "Invalid", details: {} })
    expect(json["message"]).toContain("/data/none")
  })

  test("an apply of what is gone makes it anew, whatever its resource version was", async () => {
    const body = configMap("anew", { metadata: { name: "anew", resourceVersion: "1" } })
    const { code } = await http.patch(`${configMaps}/anew?fieldManager=x`, "apply", body)
    expect(code).toBe(201)
  })

  test("a resource version on create is an error of the server's making, as upstream has it", async () => {
    const body = configMap("rv", { metadata: { name: "rv", resourceVersion: "5" } })
    const { json } = await http.post(configMaps, body)
    expect(json["code"]).toBe(500)
    expect(json["message"]).toBe("resourceVersion should not be set on objects to be created")
    expect(json["reason"]).toBeUndefined()
  })

  test.for([-1, 2 ** 31])(
    "a custom object that scales cannot have %d replicas",
    async (replicas) => {
      const { json } = await http.post(widgets, widget("many", { replicas }))
      expect(json).toMatchObject({
        code: 422,
        details: { causes: [{ reason: "FieldValueInvalid", field: ".spec.replicas" }] },
      })
    },
  )

  test("a custom object cannot be replaced without its resource version, a config map can", async () => {
    await http.post(widgets, widget("uncond"))
    const { json } = await http.send("PUT", `${widgets}/uncond`, { body: widget("uncond") })
    expect(json).toMatchObject({
      code: 422,
      reason: "Invalid",
      details: { causes: [{ field: "metadata.resourceVersion" }] },
    })
    expect(json["message"]).toContain("must be specified for an update")
    await http.post(configMaps, configMap("uncond"))
    const body = configMap("uncond", { data: { a: "1" } })
    const replaced = await http.send("PUT", `${configMaps}/uncond`, { body })
    expect([replaced.code, replaced.json["data"]]).toEqual([200, { a: "1" }])
  })

  test("an apply of a field that the schema does not know is refused", async () => {
    const path = `${configMaps}/unknown?fieldManager=x&fieldValidation=Ignore`
    const body = configMap("unknown", { data: { a: "1" }, foo: 1 })
    const { json } = await http.patch(path, "apply", body)
    expect(json["code"]).toBe(500)
    expect(json["message"]).toBe(
      "failed to create typed patch object (/unknown; /v1, Kind=ConfigMap): .foo: field not declared in schema",
    )
  })

  test("two controllers of one object are one too many", async () => {
    const owner = (name: string): object => ({
      apiVersion: "v1",
      kind: "ConfigMap",
      name,
      uid: name,
      controller: true,
    })
    const metadata = { name: "owned-twice", ownerReferences: [owner("a"), owner("b")] }
    const { json } = await http.post(configMaps, configMap("owned-twice", { metadata }))
    expect(json).toMatchObject({ code: 422, reason: "Invalid" })
    expect(json["message"]).toContain("Only one reference can have Controller set to true")
  })
})

describe("what is wrong with a request", () => {
  test.for([
    ["GET", `${configMaps}?labelSelector=a%3D%3D%3Db`, 400, "BadRequest"],
    ["GET", `${configMaps}?fieldSelector=data.k%3Dv`, 400, "BadRequest"],
    ["GET", `${widgets}?fieldSelector=spec.x%3Dv`, 400, "BadRequest"],
    ["GET", `${configMaps}?continue=nonsense`, 400, "BadRequest"],
    ["GET", `${configMaps}?limit=x`, 400, "BadRequest"],
    ["GET", `${configMaps}?resourceVersionMatch=Exact`, 422, "Invalid"],
    ["GET", `${configMaps}?resourceVersion=0&resourceVersionMatch=Exact`, 422, "Invalid"],
    ["GET", `${configMaps}?resourceVersion=1&resourceVersionMatch=Some`, 422, "Invalid"],
    ["GET", `${configMaps}?sendInitialEvents=true`, 422, "Invalid"],
    ["GET", `${configMaps}?watch=1&sendInitialEvents=true`, 422, "Invalid"],
    ["GET", `${configMaps}?watch=1&resourceVersionMatch=NotOlderThan`, 422, "Invalid"],
    ["OPTIONS", configMaps, 405, "MethodNotAllowed"],
    ["DELETE", "/api/v1/configmaps", 405, "MethodNotAllowed"],
    ["DELETE", "/api/v1/namespaces", 405, "MethodNotAllowed"],
    ["POST", "/api/v1/configmaps", 405, "MethodNotAllowed"],
  ] as const)("%s %s is %s %s", async ([method, path, code, reason]) => {
    const { json } = await http.send(method, path)
    expect(json).toMatchObject({ kind: "Status", code, reason })
  })

  test("a field selector that cannot be is explained, differently for custom kinds", async () => {
    const own = await http.get(`${configMaps}?fieldSelector=data.k%3Dv`)
    expect(own.json["message"]).toContain(
      '"data.k" is not a known field selector: only "metadata.name", "metadata.namespace"',
    )
    const custom = await http.get(`${widgets}?fieldSelector=spec.x%3Dv`)
    expect(custom.json["message"]).toContain("field label not supported: spec.x")
  })

  test.for([
    ["POST", configMaps, "text/csv"],
    ["PATCH", `${configMaps}/a`, "application/json"],
    ["PATCH", `${widgets}/typed-patch`, "application/strategic-merge-patch+json"],
  ] as const)("%s %s with the type %s is refused", async ([method, path, contentType]) => {
    await http.post(widgets, widget("typed-patch"))
    const { json } = await http.send(method, path, { body: {}, contentType })
    expect(json).toMatchObject({ code: 415, reason: "UnsupportedMediaType" })
  })

  test("an answer in a format that we do not have is not acceptable", async () => {
    const { json } = await http.get(configMaps, { accept: "text/html" })
    expect(json).toMatchObject({ code: 406, reason: "NotAcceptable" })
  })

  test("a failed JSON patch test changes nothing", async () => {
    await http.post(configMaps, configMap("tested", { data: { a: "1" } }))
    const { json } = await http.patch(`${configMaps}/tested`, "json", [
      { op: "test", path: "/data/a", value: "2" },
      { op: "remove", path: "/data/a" },
    ])
    expect(json).toMatchObject({ code: 422, reason: "Invalid" })
    expect((await http.get(`${configMaps}/tested`)).json["data"]).toEqual({ a: "1" })
  })

  test("force belongs to an apply, and an apply needs a manager", async () => {
    await http.post(configMaps, configMap("forced"))
    const forced = await http.patch(`${configMaps}/forced?force=true`, "merge", {})
    expect(forced.json).toMatchObject({ code: 422, reason: "Invalid" })
    const nameless = await http.patch(`${configMaps}/forced`, "apply", configMap("forced"))
    expect(nameless.json).toMatchObject({ code: 422, reason: "Invalid" })
  })

  test("a resource version from the future times out and says when to come back", async () => {
    const { json, headers } = await http.get(`${configMaps}?resourceVersion=99999999`)
    expect(json).toMatchObject({
      code: 504,
      reason: "Timeout",
      details: { causes: [{ reason: "ResourceVersionTooLarge" }], retryAfterSeconds: 1 },
    })
    expect(headers["retry-after"]).toBe("1")
  })
})

describe("who may not", () => {
  test("nobody is system:anonymous, and is forbidden", async () => {
    using anybody = await HttpClient.connect(server, null)
    const { json } = await anybody.get(`${configMaps}/x`)
    expect(json).toMatchObject({
      code: 403,
      reason: "Forbidden",
      message:
        'configmaps "x" is forbidden: User "system:anonymous" cannot get resource "configmaps" in API group "" in the namespace "default"',
      details: { name: "x", kind: "configmaps" },
    })
    const path = await anybody.get("/metrics")
    expect(path.json).toMatchObject({
      code: 403,
      message: 'forbidden: User "system:anonymous" cannot get path "/metrics"',
      details: {},
    })
  })

  test("a token that does not hold is unauthorized, and so is a certificate of another authority", async () => {
    using anybody = await HttpClient.connect(server, null)
    const { json } = await anybody.get(configMaps, { authorization: "Bearer nonsense" })
    expect(json).toMatchObject({ code: 401, reason: "Unauthorized", message: "Unauthorized" })
    expect(json["details"]).toBeUndefined()

    await using other = await TestServer.start()
    using stranger = await HttpClient.connect(server, undefined, other)
    expect((await stranger.get(configMaps)).json).toMatchObject({ code: 401 })
  })

  test("system namespaces cannot be deleted", async () => {
    const { json } = await http.send("DELETE", "/api/v1/namespaces/kube-system")
    expect(json).toMatchObject({
      code: 403,
      reason: "Forbidden",
      message: 'namespaces "kube-system" is forbidden: this namespace may not be deleted',
    })
  })
})
