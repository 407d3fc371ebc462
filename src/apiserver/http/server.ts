import { createSecureServer, type Http2SecureServer, type ServerHttp2Session } from "node:http2"
import type { AddressInfo, Socket } from "node:net"
import { type Logger, messageOf } from "#base"
import { type Exchange, http1Exchange, http2Exchange } from "./exchange.ts"

export interface ServerOptions {
  readonly certificatePem: string
  readonly privateKeyPem: string
  /** Client certificates signed by this authority name their users. */
  readonly clientAuthorityPem: string
  readonly log: Logger
  readonly handle: (exchange: Exchange) => Promise<void>
}

const keepAliveTimeoutMs = 120_000
const headersTimeoutMs = 10_000
const requestTimeoutMs = 120_000
const sessionMemoryMaxMb = 64
const streamsMax = 10_000

/** TLS, HTTP/2 with HTTP/1.1 beside it: hands exchanges to one handler. */
export class HttpServer {
  readonly #server: Http2SecureServer
  readonly #sessions = new Set<ServerHttp2Session>()
  readonly #sockets = new Set<Socket>()

  constructor(options: ServerOptions) {
    this.#server = createSecureServer({
      allowHTTP1: true,
      cert: options.certificatePem,
      key: options.privateKeyPem,
      ca: options.clientAuthorityPem,
      requestCert: true,
      rejectUnauthorized: false,
      minVersion: "TLSv1.2",
      maxSessionMemory: sessionMemoryMaxMb,
      settings: { maxConcurrentStreams: streamsMax },
    })
    const serve = (exchange: Exchange): void => {
      options.handle(exchange).catch((error: unknown) => {
        options.log.error("request handler failed", {
          path: exchange.path,
          error: messageOf(error),
        })
        exchange.end()
      })
    }
    this.#server.on("stream", (stream, headers) => {
      stream.on("error", () => {})
      serve(http2Exchange(stream, headers))
    })
    this.#server.on("request", (request, response) => {
      if (request.httpVersionMajor >= 2) return
      serve(http1Exchange(request as never, response as never))
    })
    this.#server.on("session", (session) => {
      this.#sessions.add(session)
      session.on("close", () => this.#sessions.delete(session))
      session.on("error", () => {})
    })
    this.#server.on("secureConnection", (socket: Socket) => {
      this.#sockets.add(socket)
      socket.on("close", () => this.#sockets.delete(socket))
      socket.on("error", () => {})
    })
    this.#server.on("tlsClientError", () => {})
    Object.assign(this.#server, {
      keepAliveTimeout: keepAliveTimeoutMs,
      headersTimeout: headersTimeoutMs,
      requestTimeout: requestTimeoutMs,
    })
  }

  /** Begins to listen; port 0 picks one. Errors: the socket's (`EADDRINUSE`). */
  listen(host: string, port: number): Promise<{ readonly host: string; readonly port: number }> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject)
      this.#server.listen(port, host, () => {
        this.#server.removeListener("error", reject)
        resolve({ host, port: (this.#server.address() as AddressInfo).port })
      })
    })
  }

  /** Takes no more connections and cuts those there are: clients of watches never leave by themselves. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve())
      for (const session of this.#sessions) session.destroy()
      for (const socket of this.#sockets) socket.destroy()
    })
  }
}
