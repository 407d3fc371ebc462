import {
  createSecureServer,
  type Http2SecureServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2"
import { connect, createServer, type Socket } from "node:net"
import type { TLSSocket } from "node:tls"
import { afterEach, beforeAll, expect, test } from "vitest"
import { systemClock } from "#base"
import { FakeClock } from "#base/testing"
import { ConnectionError, HttpTransport, type HttpTransportOptions } from "#client"
import { ApiError, type ApiObject, type KindRef, type WatchEvent } from "#meta"
import { createAuthority, issueCertificate } from "#pki"

const WidgetKind: KindRef = {
  group: "test.dev",
  version: "v1",
  kind: "Widget",
  plural: "widgets",
  namespaced: true,
}
const SecretKind: KindRef = {
  group: "",
  version: "v1",
  kind: "Secret",
  plural: "secrets",
  namespaced: true,
}

interface Request {
  readonly stream: ServerHttp2Stream
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

type Handler = (request: Request) => void

const closers: (() => void | Promise<void>)[] = []
let pki: {
  ca: string
  server: { cert: string; key: string }
  client: { clientCertificatePem: string; clientKeyPem: string }
}

beforeAll(async () => {
  const base = { validityDays: 1, keyKind: "p-256", nowMs: Date.now() } as const
  const authority = await createAuthority({ ...base, commonName: "test" })
  const server = await issueCertificate(authority, {
    ...base,
    commonName: "server",
    ipAddresses: ["127.0.0.1"],
    usages: ["server"],
  })
  const client = await issueCertificate(authority, {
    ...base,
    commonName: "jane",
    usages: ["client"],
  })
  pki = {
    ca: authority.certificatePem,
    server: { cert: server.certificatePem, key: server.privateKeyPem },
    client: { clientCertificatePem: client.certificatePem, clientKeyPem: client.privateKeyPem },
  }
})

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

/** A real TLS server that speaks the wire format and answers what the test says. */
async function aServer(
  handler: Handler,
): Promise<{ url: string; server: Http2SecureServer; sessions: ServerHttp2Session[] }> {
  const server = createSecureServer({
    ...pki.server,
    ca: pki.ca,
    requestCert: true,
    rejectUnauthorized: false,
  })
  const sessions: ServerHttp2Session[] = []
  server.on("session", (session) => void sessions.push(session))
  server.on("stream", (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    stream.on("error", () => {})
    let body = ""
    stream.on("data", (chunk: Buffer) => (body += chunk.toString()))
    stream.on("end", () => handler({ stream, headers, body }))
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  closers.push(async () => {
    for (const session of sessions) session.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  const { port } = server.address() as { port: number }
  return { url: `https://127.0.0.1:${port}`, server, sessions }
}

function aTransport(server: string, options: Partial<HttpTransportOptions> = {}): HttpTransport {
  const transport = new HttpTransport({
    server,
    caPem: pki.ca,
    clock: systemClock,
    userAgent: "test/1",
    ...options,
  })
  closers.push(() => transport.close())
  return transport
}

function answer({ stream }: Request, body: unknown, status = 200): void {
  stream.respond({ ":status": status, "content-type": "application/json" })
  stream.end(JSON.stringify(body))
}

const widget = {
  apiVersion: "test.dev/v1",
  kind: "Widget",
  metadata: { name: "a", namespace: "n", resourceVersion: "7" },
}
const target = { kind: WidgetKind, namespace: "n", name: "a" }

test("each call is the request that Kubernetes expects", async () => {
  const seen: string[] = []
  const { url } = await aServer((request) => {
    const { headers, body } = request
    const type = headers["content-type"] ?? "-"
    seen.push(`${headers[":method"]} ${headers[":path"]} ${type} ${body}`)
    answer(request, widget)
  })
  const transport = aTransport(url)

  await transport.get(target)
  await transport.create({ kind: SecretKind, namespace: "n" }, { a: 1 }, { fieldManager: "me" })
  await transport.create({ ...target, subresource: "token" }, { a: 1 }, {})
  await transport.update({ ...target, subresource: "status" }, { a: 2 }, { dryRun: true })
  await transport.patch(target, { type: "json", body: [] }, {})
  await transport.patch(target, { type: "merge", body: {} }, {})
  await transport.patch(target, { type: "strategic", body: {} }, {})
  await transport.patch(
    target,
    { type: "apply", body: {} },
    { fieldManager: "me", force: true, fieldValidation: "Strict" },
  )
  await transport.delete(target, {
    propagationPolicy: "Foreground",
    preconditions: { uid: "u" },
  })
  await transport.list({ kind: WidgetKind }, { labelSelector: "a=b,c", limit: 5 })

  const object = "/apis/test.dev/v1/namespaces/n/widgets/a"
  expect(seen).toEqual([
    `GET ${object} - `,
    'POST /api/v1/namespaces/n/secrets?fieldManager=me application/json {"a":1}',
    `POST ${object}/token application/json {"a":1}`,
    `PUT ${object}/status?dryRun=All application/json {"a":2}`,
    `PATCH ${object} application/json-patch+json []`,
    `PATCH ${object} application/merge-patch+json {}`,
    `PATCH ${object} application/strategic-merge-patch+json {}`,
    `PATCH ${object}?fieldManager=me&fieldValidation=Strict&force=true application/apply-patch+yaml {}`,
    `DELETE ${object} application/json {"apiVersion":"v1","kind":"DeleteOptions","propagationPolicy":"Foreground","preconditions":{"uid":"u"}}`,
    "GET /apis/test.dev/v1/widgets?labelSelector=a%3Db%2Cc&limit=5 - ",
  ])
})

test("a user is known by its certificate or its token", async () => {
  const seen: unknown[] = []
  const { url } = await aServer((request) => {
    const socket = request.stream.session?.socket as TLSSocket
    seen.push([socket.getPeerCertificate().subject?.CN, request.headers.authorization])
    answer(request, widget)
  })

  await aTransport(url, pki.client).get(target)
  await aTransport(url, { token: "sesame" }).get(target)

  expect(seen).toEqual([
    ["jane", undefined],
    [undefined, "Bearer sesame"],
  ])
})

test("an API under a path is reached there, over one session", async () => {
  const paths: unknown[] = []
  const { url, sessions } = await aServer((request) => {
    paths.push(request.headers[":path"])
    answer(request, widget)
  })
  const transport = aTransport(`${url}/k8s/clusters/c-1/`)

  await Promise.all([transport.get(target), transport.get(target)])

  expect(paths).toEqual(
    Array.from({ length: 2 }, () => "/k8s/clusters/c-1/apis/test.dev/v1/namespaces/n/widgets/a"),
  )
  expect(sessions).toHaveLength(1)
})

test("list items carry their kind even when the server leaves it out", async () => {
  const { url } = await aServer((request) =>
    answer(request, {
      kind: "SecretList",
      metadata: { resourceVersion: "9", continue: "more", remainingItemCount: 3 },
      items: [{ metadata: { name: "s" } }],
    }),
  )

  expect(await aTransport(url).list({ kind: SecretKind }, {})).toEqual({
    items: [{ apiVersion: "v1", kind: "Secret", metadata: { name: "s" } }],
    resourceVersion: "9",
    continue: "more",
    remainingItemCount: 3,
  })
})

test("a Status becomes an ApiError with everything it says", async () => {
  const { url } = await aServer((request) =>
    answer(
      request,
      {
        kind: "Status",
        code: 409,
        reason: "AlreadyExists",
        message: "taken",
        details: { name: "a", causes: [{ field: "x" }] },
      },
      409,
    ),
  )

  const failure = await aTransport(url)
    .get(target)
    .catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(ApiError)
  expect(failure).toMatchObject({
    code: 409,
    reason: "AlreadyExists",
    message: "taken",
    details: { name: "a", causes: [{ field: "x" }] },
  })
})

test("an error that is no Status keeps its code, its text and the time to wait", async () => {
  const { url } = await aServer(({ stream }) => {
    stream.respond({ ":status": 503, "content-type": "text/plain", "retry-after": "4" })
    stream.end("etcd is away\n")
  })

  await expect(aTransport(url).get(target)).rejects.toMatchObject({
    code: 503,
    reason: "ServiceUnavailable",
    message: "etcd is away",
    details: { retryAfterSeconds: 4 },
  })
})

test("a server that is not there, not trusted or cut off is a ConnectionError", async () => {
  const { url, server } = await aServer(({ stream }) => stream.session?.destroy())

  await expect(aTransport(url).get(target)).rejects.toThrow(ConnectionError)
  const stranger = aTransport(url, { caPem: undefined })
  await expect(stranger.get(target)).rejects.toThrow(/^reach https:.*certificate/)

  server.close()
  await expect(aTransport("https://127.0.0.1:1").get(target)).rejects.toThrow(/ECONNREFUSED/)
})

test("a lost session is replaced by the next call", async () => {
  let calls = 0
  const { url, sessions } = await aServer((request) => {
    calls += 1
    if (calls === 1) request.stream.session?.destroy()
    else answer(request, widget)
  })
  const transport = aTransport(url)

  await expect(transport.get(target)).rejects.toThrow(ConnectionError)
  expect(await transport.get(target)).toEqual(widget)
  expect(sessions).toHaveLength(2)
})

test("a request that is never answered fails after its time", async () => {
  const arrived = Promise.withResolvers<void>()
  const { url } = await aServer(() => arrived.resolve())
  const clock = new FakeClock()
  const failure = aTransport(url, { clock, timeoutMs: 5_000 })
    .get(target)
    .catch((error: unknown) => error)

  await arrived.promise
  clock.advance(5_000)

  expect(await failure).toMatchObject({
    name: "ConnectionError",
    message: expect.stringContaining("no answer within 5000 ms") as string,
  })
})

test("a session without streams is closed after a while and opened again when needed", async () => {
  const { url, sessions } = await aServer((request) => answer(request, widget))
  const clock = new FakeClock()
  const transport = aTransport(url, { clock })
  await transport.get(target)
  const closed = new Promise((resolve) => sessions[0]?.once("close", resolve))

  clock.advance(120_000)
  await closed

  await transport.get(target)
  expect(sessions).toHaveLength(2)
})

function frame(type: string, object: unknown): string {
  return `${JSON.stringify({ type, object })}\n`
}

async function collect(
  events: AsyncIterable<WatchEvent<ApiObject>>,
): Promise<WatchEvent<ApiObject>[]> {
  const found: WatchEvent<ApiObject>[] = []
  for await (const event of events) found.push(event)
  return found
}

test("a watch gives events in order, however the bytes are cut", async () => {
  const bookmark = {
    metadata: { resourceVersion: "9", annotations: { "k8s.io/initial-events-end": "true" } },
  }
  const renamed = { ...widget, metadata: { ...widget.metadata, name: "grüße" } }
  const bytes = Buffer.from(
    frame("ADDED", renamed) + frame("BOOKMARK", bookmark) + frame("DELETED", widget),
  )
  let path: unknown
  const { url } = await aServer(({ stream, headers }) => {
    path = headers[":path"]
    stream.respond({ ":status": 200, "content-type": "application/json" })
    for (let offset = 0; offset < bytes.length; offset += 17) {
      stream.write(bytes.subarray(offset, offset + 17))
    }
    stream.end()
  })

  const options = { resourceVersion: "5", allowBookmarks: true, sendInitialEvents: true }
  const events = await collect(
    aTransport(url).watch({ kind: WidgetKind }, options, new AbortController().signal),
  )

  expect(events).toEqual([
    { type: "ADDED", object: renamed },
    { type: "BOOKMARK", resourceVersion: "9", initialEventsEnd: true },
    { type: "DELETED", object: widget },
  ])
  expect(path).toBe(
    "/apis/test.dev/v1/widgets?resourceVersion=5&watch=true&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan",
  )
})

test("a watch that nobody reads does not hold up other requests", async () => {
  const padding = "x".repeat(64 * 1024)
  const { url } = await aServer((request) => {
    const { stream, headers } = request
    if (!headers[":path"]?.includes("watch=true")) return answer(request, widget)
    stream.respond({ ":status": 200, "content-type": "application/json" })
    stream.write(frame("ADDED", widget))
    for (let n = 0; n < 32; n += 1) stream.write(frame("MODIFIED", { ...widget, padding }))
  })
  const transport = aTransport(url)
  const watches = Array.from({ length: 4 }, () =>
    transport.watch({ kind: WidgetKind }, {}, new AbortController().signal)[Symbol.asyncIterator](),
  )
  await Promise.all(watches.map((watch) => watch.next()))

  expect(await transport.get(target)).toEqual(widget)
  for (const watch of watches) await watch.return?.(undefined)
})

test("a watch ends quietly when aborted, and with Expired when history is gone", async () => {
  const { url } = await aServer(({ stream, headers }) => {
    stream.respond({ ":status": 200, "content-type": "application/json" })
    stream.write(frame("ADDED", widget))
    if (headers[":path"]?.includes("resourceVersion=1")) {
      const status = { kind: "Status", code: 410, reason: "Expired", message: "too old" }
      stream.end(frame("ERROR", status))
    }
  })
  const transport = aTransport(url)
  const abort = new AbortController()
  const seen: string[] = []

  for await (const event of transport.watch({ kind: WidgetKind }, {}, abort.signal)) {
    seen.push(event.type)
    abort.abort()
  }
  const expired = collect(
    transport.watch({ kind: WidgetKind }, { resourceVersion: "1" }, new AbortController().signal),
  )

  expect(seen).toEqual(["ADDED"])
  await expect(expired).rejects.toMatchObject({ code: 410, reason: "Expired" })
})

/** A TCP relay that can stop relaying without closing anything, as a dead network does. */
async function aWire(url: string): Promise<{ url: string; cut: () => void }> {
  const sockets: Socket[] = []
  const relay = createServer((incoming) => {
    const outgoing = connect(Number(new URL(url).port), "127.0.0.1")
    for (const socket of [incoming, outgoing]) {
      socket.on("error", () => {})
      sockets.push(socket)
    }
    incoming.pipe(outgoing)
    outgoing.pipe(incoming)
  })
  await new Promise<void>((resolve) => relay.listen(0, "127.0.0.1", resolve))
  closers.push(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => relay.close(resolve))
  })
  const { port } = relay.address() as { port: number }
  return {
    url: `https://127.0.0.1:${port}`,
    cut: () => {
      for (const socket of sockets) socket.unpipe()
    },
  }
}

test("a watch over a connection that died silently fails", async () => {
  const arrived = Promise.withResolvers<void>()
  const { url } = await aServer(({ stream }) => {
    stream.respond({ ":status": 200, "content-type": "application/json" })
    arrived.resolve()
  })
  const wire = await aWire(url)
  const clock = new FakeClock()
  const transport = aTransport(wire.url, { clock })
  const outcome = collect(
    transport.watch({ kind: WidgetKind }, {}, new AbortController().signal),
  ).catch((error: unknown) => error)
  await arrived.promise
  wire.cut()

  clock.advance(60_000)
  clock.advance(15_000)

  expect(await outcome).toMatchObject({
    message: expect.stringContaining("does not answer any more") as string,
  })
})

test("closing ends every watch", async () => {
  const arrived = Promise.withResolvers<void>()
  const { url } = await aServer(({ stream }) => {
    stream.respond({ ":status": 200, "content-type": "application/json" })
    arrived.resolve()
  })
  const transport = aTransport(url)
  const outcome = collect(
    transport.watch({ kind: WidgetKind }, {}, new AbortController().signal),
  ).catch((error: unknown) => error)
  await arrived.promise

  transport.close()

  expect(await outcome).toBeInstanceOf(ConnectionError)
  await expect(transport.get(target)).rejects.toThrow("the client is closed")
})
