import { createHash } from "node:crypto"
import type { Exchange } from "../http/exchange.ts"
import { sendBytes, sendJson } from "../http/respond.ts"
import type { ResourceRegistry } from "../registry.ts"
import type { Resource } from "../resource.ts"
import { groupVersionDocument } from "./document.ts"

interface Document {
  readonly body: Buffer
  readonly etag: string
}

export interface OpenApiOptions {
  readonly registry: ResourceRegistry
  readonly version: string
}

/** `/openapi/v3`: an index and one document for every group version, made when first asked for. */
export class OpenApi {
  readonly #options: OpenApiOptions
  #documents = new Map<string, Document>()
  #generation = -1

  constructor(options: OpenApiOptions) {
    this.#options = options
  }

  /** Answers OpenAPI paths; false for others. */
  serve(exchange: Exchange, path: string): boolean {
    if (path === "/openapi/v3") {
      this.#index(exchange)
      return true
    }
    const name = /^\/openapi\/v3\/(.+)$/.exec(path)?.[1]
    const document = name === undefined ? undefined : this.#document(name)
    if (!document) return false
    const headers = { etag: document.etag, vary: "Accept", "cache-control": "public, immutable" }
    if (exchange.headers["if-none-match"] === document.etag) {
      exchange.begin(304, headers)
      exchange.end()
    } else {
      sendBytes(exchange, 200, document.body, headers)
    }
    return true
  }

  #index(exchange: Exchange): void {
    const names = new Set(this.#options.registry.all.map((resource) => pathName(resource)))
    const paths = [...names].sort().flatMap((name) => {
      const hash = this.#document(name)?.etag.replaceAll('"', "")
      return hash ? [[name, { serverRelativeURL: `/openapi/v3/${name}?hash=${hash}` }]] : []
    })
    sendJson(exchange, 200, { paths: Object.fromEntries(paths) as object })
  }

  #document(name: string): Document | undefined {
    const { registry, version } = this.#options
    if (registry.generation !== this.#generation) {
      this.#generation = registry.generation
      this.#documents = new Map()
    }
    const known = this.#documents.get(name)
    if (known) return known
    const resources = registry.all.filter((resource) => pathName(resource) === name)
    if (resources.length === 0) return undefined
    const body = Buffer.from(JSON.stringify(groupVersionDocument(resources, version)))
    const etag = `"${createHash("sha256").update(body).digest("hex").toUpperCase()}"`
    const document = { body, etag }
    this.#documents.set(name, document)
    return document
  }
}

function pathName({ group, version }: Resource): string {
  return group === "" ? `api/${version}` : `apis/${group}/${version}`
}
