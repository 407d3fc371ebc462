import type { Server } from "node:http"
import { performServerHandshake, type ServerHttp2Session } from "node:http2"
import type { AddressInfo, Socket } from "node:net"
import { createServer as createTlsServer, type Server as TlsServer, type TLSSocket } from "node:tls"
import { type Clock, type Logger, messageOf } from "#base"
import { type Exchange, http1Exchange, http2Exchange } from "./exchange.ts"

export interface ServerOptions {
  readonly certificatePem: string
  readonly privateKeyPem: string
  /** Client certificates signed by this authority name their users. */
  readonly clientAuthorityPem: string
  readonly log: Logger
  readonly clock: Clock
  readonly handle: (exchange: Exchange) => Promise<void>
}

/** An import would load all that the module can export: the whole of `fetch`, 14 MB of it. */
const { createServer } = process.getBuiltinModule("node:http")

/** A client that is gone without a word is found out by TCP, not by a watch that never has news. */
const keepAliveProbeMs = 30_000
const handshakeTimeoutMs = 10_000
const idleConnectionMs = 120_000
const headersTimeoutMs = 10_000
/** HTTP/1.1 has one connection for each watch: a request may last as long as it wants. */
const requestTimeoutMs = 0
const headerMaxBytes = 64 * 1024
const sessionMemoryMaxMb = 64
const streamsMax = 10_000

/** TLS, HTTP/2 with HTTP/1.1 beside it: hands exchanges to one handler. */
export class HttpServer {
  readonly #options: ServerOptions
  readonly #tls: TlsServer
  readonly #http1: Server
  readonly #sessions = new Set<ServerHttp2Session>()
  readonly #sockets = new Set<Socket>()

  constructor(options: ServerOptions) {
    this.#options = options
    this.#http1 = createServer(
      {
        keepAliveTimeout: idleConnectionMs,
        headersTimeout: headersTimeoutMs,
        requestTimeout: requestTimeoutMs,
        maxHeaderSize: headerMaxBytes,
      },
      (request, response) => this.#serve(http1Exchange(request, response, options.clock)),
    )
    this.#http1.on("clientError", (error, socket) => {
      if (socket.writable) socket.end(answerToNonsense(error))
      else socket.destroy()
    })
    this.#tls = createTlsServer(
      {
        cert: options.certificatePem,
        key: options.privateKeyPem,
        ca: options.clientAuthorityPem,
        requestCert: true,
        rejectUnauthorized: false,
        minVersion: "TLSv1.2",
        handshakeTimeout: handshakeTimeoutMs,
        ALPNProtocols: ["h2", "http/1.1"],
      },
      (socket) => this.#accept(socket),
    )
    this.#tls.on("tlsClientError", () => {})
    this.#tls.on("connection", (socket: Socket) => {
      this.#sockets.add(socket)
      socket.setKeepAlive(true, keepAliveProbeMs)
      socket.setNoDelay(true)
      socket.on("close", () => this.#sockets.delete(socket))
      socket.on("error", () => {})
    })
  }

  /** Begins to listen; port 0 picks one. Errors: the socket's (`EADDRINUSE`). */
  listen(host: string, port: number): Promise<{ readonly host: string; readonly port: number }> {
    return new Promise((resolve, reject) => {
      this.#tls.once("error", reject)
      this.#tls.listen(port, host, () => {
        this.#tls.removeListener("error", reject)
        resolve({ host, port: (this.#tls.address() as AddressInfo).port })
      })
    })
  }

  /**
   * Takes no more connections and cuts those there are: clients of watches never leave by
   * themselves.
   */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#tls.close(() => resolve())
      for (const session of this.#sessions) session.destroy()
      for (const socket of this.#sockets) socket.destroy()
    })
  }

  #accept(socket: TLSSocket): void {
    socket.on("error", () => {})
    if (socket.alpnProtocol !== "h2") {
      this.#http1.emit("connection", socket)
      return
    }
    const session = performServerHandshake(socket, {
      maxSessionMemory: sessionMemoryMaxMb,
      settings: { maxConcurrentStreams: streamsMax, maxHeaderListSize: headerMaxBytes },
    })
    this.#sessions.add(session)
    session.on("close", () => this.#sessions.delete(session))
    session.on("error", () => {})
    session.on("stream", (stream, headers, _flags, rawHeaders: readonly string[]) => {
      stream.on("error", () => {})
      this.#serve(http2Exchange(stream, headers, rawHeaders, this.#options.clock))
    })
  }

  #serve(exchange: Exchange): void {
    const { handle, log } = this.#options
    handle(exchange).catch((error: unknown) => {
      log.error("request handler failed", { path: exchange.path, error: messageOf(error) })
      exchange.abort()
    })
  }
}

/** What is no HTTP gets the shortest answer there is, and the connection ends with it. */
function answerToNonsense(error: Error & { readonly code?: string }): string {
  const status =
    error.code === "HPE_HEADER_OVERFLOW"
      ? "431 Request Header Fields Too Large"
      : error.code === "ERR_HTTP_REQUEST_TIMEOUT"
        ? "408 Request Timeout"
        : "400 Bad Request"
  return `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`
}
