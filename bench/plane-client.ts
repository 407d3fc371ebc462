import { systemClock } from "#base"
import { Client, HttpTransport } from "#client"
import { startPlane } from "./servers.ts"

/** Works with a plane of its own, in the processes given. */
export async function withPlane<T>(
  work: (client: Client, pids: readonly number[]) => Promise<T>,
): Promise<T> {
  const { target, pids, stop } = await startPlane()
  const transport = new HttpTransport({
    server: target.url,
    clientCertificatePem: target.certificatePem,
    clientKeyPem: target.keyPem,
    caPem: target.caPem,
    clock: systemClock,
    userAgent: "bench",
  })
  try {
    return await work(new Client(transport, { fieldManager: "bench" }), pids)
  } finally {
    transport.close()
    await stop()
  }
}
