import { isObject } from "#base"
import { ApiError, type ApiObject, type WatchEvent } from "#meta"

const initialEventsEnd = "k8s.io/initial-events-end"

/** Cuts a byte stream into lines. */
export class LineSplitter {
  readonly #decoder = new TextDecoder()
  #parts: string[] = []

  /** The lines that the chunk completes, empty ones left out. */
  split(chunk: Uint8Array): readonly string[] {
    const lines: string[] = []
    const text = this.#decoder.decode(chunk, { stream: true })
    let start = 0
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", start)) {
      const line = this.#parts.join("") + text.slice(start, end)
      this.#parts = []
      start = end + 1
      if (line.trim() !== "") lines.push(line)
    }
    if (start < text.length) this.#parts.push(text.slice(start))
    return lines
  }
}

/** The event of one line. Throws `ApiError` for an ERROR event. */
export function decodeWatchEvent(line: string): WatchEvent<ApiObject> {
  const frame: unknown = JSON.parse(line)
  if (!isObject(frame) || !isObject(frame.object)) {
    throw new ApiError(500, "InternalError", "the server sent a watch event that is none")
  }
  const object = frame.object as unknown as ApiObject
  switch (frame.type) {
    case "ADDED":
    case "MODIFIED":
    case "DELETED":
      return { type: frame.type, object }
    case "BOOKMARK":
      return {
        type: "BOOKMARK",
        resourceVersion: object.metadata.resourceVersion ?? "",
        initialEventsEnd: object.metadata.annotations?.[initialEventsEnd] === "true",
      }
    case "ERROR":
      throw ApiError.fromStatus(frame.object, 500)
    default:
      throw new ApiError(500, "InternalError", `unknown watch event ${JSON.stringify(frame.type)}`)
  }
}
