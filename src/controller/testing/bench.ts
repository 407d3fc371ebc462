import { Registry } from "prom-client"
import { FakeClock } from "#base/testing"
import { TestServer } from "#apiserver/testing"
import { Client, type Manifest } from "#client"
import { type Condition, defineKind, type ObjectOf } from "#meta"
import { s } from "#schema"
import { CrdKindResolver } from "../crd-kind-resolver.ts"
import type { Controller } from "../define-controller.ts"
import { Manager } from "../manager.ts"

const conditions = s.typed<readonly Condition[]>(
  s.list(
    "Conditions.",
    s.object("A condition.", {
      type: s.string("Type."),
      status: s.string("Status."),
      observedGeneration: s.optional(s.int64("Generation.")),
      lastTransitionTime: s.time("Time."),
      reason: s.string("Reason."),
      message: s.string("Message."),
    }),
    { key: ["type"] },
  ),
)

const status = s.object("Status.", {
  phase: s.optional(s.string("Phase.")),
  note: s.optional(s.string("Note.")),
  observedGeneration: s.optional(s.int64("Generation.")),
  conditions: s.optional(conditions),
})

export const WidgetKind = defineKind({
  group: "test.dev",
  version: "v1",
  kind: "Widget",
  plural: "widgets",
  labels: { "cluster.x-k8s.io/v1beta2": "v1" },
  description: "The primary.",
  spec: s.object("Spec.", {
    size: s.optional(s.integer("Size.")),
    secret: s.optional(s.string("Secret.")),
    gadget: s.optional(s.string("Gadget.")),
  }),
  specRequired: true,
  status,
  subresources: { status: true },
})
export type Widget = ObjectOf<typeof WidgetKind>

export const GadgetKind = defineKind({
  group: "parts.test.dev",
  version: "v1",
  kind: "Gadget",
  plural: "gadgets",
  labels: { "cluster.x-k8s.io/v1beta2": "v1" },
  description: "A part.",
  spec: s.object("Spec.", { color: s.optional(s.string("Color.")) }),
  specRequired: true,
  status,
  subresources: { status: true },
})
export type Gadget = ObjectOf<typeof GadgetKind>

/** A manager over a real API server, on a clock that the test moves. */
export class Bench implements AsyncDisposable {
  readonly clock = new FakeClock()
  readonly registry = new Registry()
  readonly users: string[] = []
  readonly #server: TestServer
  readonly #manager: Manager
  readonly client: Client

  private constructor(server: TestServer, clock: FakeClock, controllers: readonly Controller[]) {
    this.clock = clock
    this.#server = server
    this.client = new Client(server.transport(), { fieldManager: "test" })
    this.#manager = new Manager({
      controllers,
      transport: ({ name, fieldManager }) => {
        this.users.push(name)
        const user = { name: `controller:${name}`, groups: ["system:masters"] }
        return server.transport(user, fieldManager)
      },
      caches: server.server.caches,
      resolver: new CrdKindResolver(server.server.caches),
      clock,
      log: recordingLog(this.logged),
      registry: this.registry,
    })
  }

  readonly logged: string[] = []

  static async start(...controllers: readonly Controller[]): Promise<Bench> {
    const clock = new FakeClock()
    const server = await TestServer.start({ clock, kinds: [WidgetKind, GadgetKind] })
    const bench = new Bench(server, clock, controllers)
    await bench.#manager.start()
    return bench
  }

  async create(widget: Partial<Manifest<Widget>> = {}): Promise<Widget> {
    const created = await this.client.create(WidgetKind, {
      spec: {},
      ...widget,
      metadata: { name: "w", namespace: "default", ...widget.metadata },
    })
    await this.settle()
    return created
  }

  async settle(): Promise<void> {
    await this.#manager.settled()
  }

  async advance(byMs: number): Promise<void> {
    this.clock.advance(byMs)
    await this.settle()
  }

  widget(name = "w"): Promise<Widget> {
    return this.client.get(WidgetKind, { namespace: "default", name })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#manager.stop()
    await this.#server[Symbol.asyncDispose]()
  }
}

function recordingLog(lines: string[]) {
  const add = (message: string, fields?: object): void => {
    lines.push(`${message} ${JSON.stringify(fields)}`)
  }
  const log = { debug: add, info: add, warn: add, error: add, child: () => log }
  return log
}
