import type { ApiServer } from "#apiserver"
import { Client } from "#client"

const fieldManager = "mothership"

/** A client for one of the server's own controllers, named after it. */
export function systemClient(server: ApiServer, controller: string): Client {
  const user = {
    name: `system:controller:${controller}`,
    groups: ["system:masters", "system:authenticated"],
  }
  return new Client(server.transport(user, fieldManager), { fieldManager })
}
