import { customKinds } from "#apis"
import { TestServer, widgetDefinition } from "#apiserver/testing"
import { silentLogger, systemClock } from "#base"
import { SystemControllers } from "#system"
import { Kubectl, type KubectlProgram } from "./kubectl.ts"

/** What tests read of an object. */
export interface Shown {
  readonly metadata: {
    readonly uid: string
    readonly resourceVersion: string
    readonly generation?: number
    readonly labels?: Record<string, string>
    readonly annotations?: Record<string, string>
    readonly managedFields?: readonly { readonly manager: string; readonly operation: string }[]
  }
  readonly data?: Record<string, string>
  readonly spec?: Record<string, unknown>
  readonly status?: Record<string, unknown>
}

export function configMap(name: string, data: Record<string, string> = {}): object {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data }
}

export function widget(name: string, spec: object = {}, more: object = {}): object {
  return { apiVersion: "example.com/v1", kind: "Widget", metadata: { name }, spec, ...more }
}

export const deployment = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web" },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: "web" } },
    template: {
      metadata: { labels: { app: "web" } },
      spec: {
        containers: [
          { name: "one", image: "one:1" },
          { name: "two", image: "two:1", env: [{ name: "A", value: "1" }] },
        ],
      },
    },
  },
}

/** A server with all of our kinds, the controllers that complete it, and a kind of a user's. */
export class KubectlScene implements AsyncDisposable {
  readonly system: SystemControllers
  readonly #server: TestServer
  readonly #kubectls: Kubectl[] = []

  private constructor(server: TestServer, system: SystemControllers) {
    this.#server = server
    this.system = system
  }

  static async start(): Promise<KubectlScene> {
    const server = await TestServer.start({ kinds: customKinds })
    const { caPem } = server
    const system = new SystemControllers({
      server: server.server,
      clock: systemClock,
      log: silentLogger,
      caPem,
    })
    await system.start()
    return new KubectlScene(server, system)
  }

  /** A kubectl with the user's kind in place. */
  async connect(program?: KubectlProgram): Promise<Kubectl> {
    const kubectl = await Kubectl.connect(this.#server, undefined, program)
    this.#kubectls.push(kubectl)
    await kubectl.feed(["apply"], widgetDefinition())
    await kubectl.out(["wait", "--for=condition=Established", "crd/widgets.example.com"])
    return kubectl
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const kubectl of this.#kubectls) await kubectl[Symbol.asyncDispose]()
    await this.system.stop()
    await this.#server[Symbol.asyncDispose]()
  }
}
