import { createHash } from "node:crypto"
import type { Exchange } from "../http/exchange.ts"
import { encodeBody } from "../http/body-writer.ts"
import { sendBytes, sendJson } from "../http/respond.ts"
import type { ResourceRegistry } from "../registry.ts"
import type { Resource } from "../resource.ts"
import { groupVersionDocument } from "./document.ts"
import { serveOpenApiV2 } from "./v2.ts"

interface Document {
  /** What it was made of: while these are served, it stays as it is. */
  readonly resources: readonly Resource[]
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
  readonly #documents = new Map<string, Document>()

  constructor(options: OpenApiOptions) {
    this.#options = options
  }

  /** Answers OpenAPI paths; false for others. */
  async serve(exchange: Exchange, path: string): Promise<boolean> {
    if (path === "/openapi/v3") {
      await this.#index(exchange)
      return true
    }
    if (path === "/openapi/v2") {
      serveOpenApiV2(exchange, this.#options.version)
      return true
    }
    const name = /^\/openapi\/v3\/(.+)$/.exec(path)?.[1]
    const resources = name === undefined ? undefined : this.#byName().get(name)
    if (name === undefined || !resources) return false
    const document = this.#document(name, resources)
    const headers = { etag: document.etag, vary: "Accept", "cache-control": "public, immutable" }
    if (exchange.headers["if-none-match"] === document.etag) {
      exchange.begin(304, headers)
      exchange.end()
    } else {
      const encoded = await encodeBody(exchange, document.body)
      sendBytes(exchange, 200, encoded.body, { ...headers, ...encoded.headers })
    }
    return true
  }

  /** Names documents by their content, so all of them are made: one in a turn of the loop. */
  async #index(exchange: Exchange): Promise<void> {
    const paths: Record<string, object> = {}
    const names = [...this.#byName()].sort(([left], [right]) => (left < right ? -1 : 1))
    for (const [name, resources] of names) {
      if (!this.#isCurrent(name, resources)) await nextTurn()
      const hash = this.#document(name, resources).etag.replaceAll('"', "")
      paths[name] = { serverRelativeURL: `/openapi/v3/${name}?hash=${hash}` }
    }
    sendJson(exchange, 200, { paths })
  }

  #byName(): ReadonlyMap<string, readonly Resource[]> {
    return Map.groupBy(this.#options.registry.all, (resource) => pathName(resource))
  }

  #isCurrent(name: string, resources: readonly Resource[]): boolean {
    const known = this.#documents.get(name)?.resources
    return (
      known?.length === resources.length &&
      known.every((resource, index) => resource === resources[index])
    )
  }

  #document(name: string, resources: readonly Resource[]): Document {
    const known = this.#documents.get(name)
    if (known && this.#isCurrent(name, resources)) return known
    const { version } = this.#options
    const body = Buffer.from(JSON.stringify(groupVersionDocument(resources, version)))
    const etag = `"${createHash("sha256").update(body).digest("hex").toUpperCase()}"`
    const document = { resources, body, etag }
    this.#documents.set(name, document)
    return document
  }
}

function pathName({ group, version }: Resource): string {
  return group === "" ? `api/${version}` : `apis/${group}/${version}`
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
