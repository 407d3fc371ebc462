import { adminUser, TestServer, type TestServerOptions } from "#apiserver/testing"
import { silentLogger, systemClock } from "#base"
import { Client } from "#client"
import type { ApiObject, KindRef, ObjectKey } from "#meta"
import { SystemControllers } from "../system-controllers.ts"

/** An API server with everything that makes it complete, and an administrator's client of it. */
export class SystemServer implements AsyncDisposable {
  readonly test: TestServer
  readonly system: SystemControllers
  readonly client: Client

  private constructor(test: TestServer, system: SystemControllers) {
    this.test = test
    this.system = system
    this.client = new Client(test.transport(adminUser), { fieldManager: "test" })
  }

  static async start(options: TestServerOptions = {}): Promise<SystemServer> {
    const test = await TestServer.start(options)
    const { clock = systemClock, log = silentLogger } = options
    const system = new SystemControllers({ server: test.server, clock, log, caPem: test.caPem })
    await system.start()
    await system.settled()
    return new SystemServer(test, system)
  }

  /** The object, once every controller has nothing left to do. */
  async settledObject<T extends ApiObject>(
    kind: KindRef<T>,
    key: ObjectKey,
  ): Promise<T | undefined> {
    await this.system.settled()
    return await this.client.find(kind, key)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.system.stop()
    await this.test[Symbol.asyncDispose]()
  }
}
