import type { Clock } from "#base"
import { HttpTransport } from "#client"
import type { ApiTransport } from "#meta"
import type { KubeconfigConnection } from "#pki"

/** A way to a workload cluster's API server, and the way to end it. */
export interface DialedTransport {
  readonly transport: ApiTransport
  close(): void
}

/** Opens the way that a kubeconfig describes. It may connect later, with the first request. */
export type Dial = (connection: KubeconfigConnection, clock: Clock) => DialedTransport

const requestTimeoutMs = 10_000

/** Straight over HTTPS. */
export const dialHttp: Dial = (connection, clock) => {
  const { namespace: _, ...options } = connection
  const transport = new HttpTransport({
    ...options,
    clock,
    userAgent: "mothership",
    timeoutMs: requestTimeoutMs,
  })
  return { transport, close: () => transport.close() }
}
