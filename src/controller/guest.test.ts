import { expect, test } from "vitest"
import { silentLogger, systemClock } from "#base"
import { TestServer } from "#apiserver/testing"
import { Client, HttpTransport, InformerSource } from "#client"
import { CrdKindResolver, done, Manager, owned, waitFor } from "#controller"
import { GadgetKind, type Widget, WidgetKind } from "./testing/bench.ts"
import { aController, gadgetOf, key } from "./testing/widgets.ts"

/** Makes a gadget, waits for it to be up, follows it by a contract reference. */
const builder = aController({
  triggers: [owned(GadgetKind)],
  finalizer: "widget.test.dev",
  reconcile: [
    async (scope) => {
      const { namespace, name, uid = "" } = scope.object.metadata
      const [gadget] = scope.read(GadgetKind).ownedBy(uid)
      if (gadget) return done
      if (await scope.live(GadgetKind, { namespace, name })) throw new Error("cache is stale")
      await scope.create(GadgetKind, gadgetOf(scope.object))
      if (scope.read(GadgetKind).ownedBy(uid).length !== 1) throw new Error("cache is stale")
      return done
    },
    async (scope) => {
      const { namespace, name } = scope.object.metadata
      const reference = { apiGroup: "parts.test.dev", kind: "Gadget", name }
      const gadget = await scope.external(reference, namespace)
      return gadget?.["status"] ? done : waitFor("GadgetNotUp")
    },
  ],
  teardown: [
    async (scope) => {
      const gadget = await scope.live(GadgetKind, scope.key)
      if (gadget) await scope.delete(GadgetKind, gadget, { unchanged: true })
      return done
    },
  ],
  observe: (_scope, { waits, error }) => ({
    phase: error ? "Failed" : (waits[0]?.reason ?? "Up"),
    note: error?.message,
  }),
})

test("controllers run against a foreign API over HTTPS as they do in process", async () => {
  await using server = await TestServer.start({ kinds: [WidgetKind, GadgetKind] })
  const { certificatePem, privateKeyPem } = await server.clientCertificate()
  const transport = new HttpTransport({
    server: await server.url(),
    caPem: server.caPem,
    clientCertificatePem: certificatePem,
    clientKeyPem: privateKeyPem,
    clock: systemClock,
    userAgent: "test/1",
  })
  const source = new InformerSource({ transport, clock: systemClock, log: silentLogger })
  const manager = new Manager({
    controllers: [builder],
    transport: () => source.follow(transport),
    caches: source,
    resolver: new CrdKindResolver(source),
    clock: systemClock,
    log: silentLogger,
  })
  const client = new Client(server.transport(), { fieldManager: "test" })
  const widgets = server.server.caches.view(WidgetKind)
  const until = (holds: (widget: Widget | undefined) => boolean): Promise<void> =>
    new Promise((resolve) => {
      const check = (): void => {
        if (!holds(widgets.get("default", "w"))) return
        stop()
        resolve()
      }
      const stop = widgets.subscribe(check)
      check()
    })
  try {
    await manager.start()

    await client.create(WidgetKind, { metadata: key, spec: {} })
    await until((widget) => widget?.status?.phase === "GadgetNotUp")
    await client.patchStatus(GadgetKind, key, { type: "merge", body: { status: { phase: "Up" } } })
    await until((widget) => widget?.status?.phase === "Up")
    await client.delete(WidgetKind, key)
    await until((widget) => widget === undefined)

    expect(await client.find(GadgetKind, key)).toBeUndefined()
  } finally {
    await manager.stop()
    await source.stop()
    transport.close()
  }
})
