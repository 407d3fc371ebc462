import type { ChunkSink } from "./host.ts"
import { quote } from "./shell-quote.ts"

/**
 * How a script reaches the host: the command line is a constant loader, the script arrives on
 * standard input up to a line that holds the mark, and what follows is the script's own input. So
 * nothing of it shows in a process list, one `sudo` covers redirects, pipes and compound commands,
 * and half a script, after a lost connection, is never run. The loader repeats the mark on both
 * streams first: whatever stands before it was said by a login shell or by sudo, not by the script.
 * It uses no backslash, no exclamation mark and no line break, since the login shell may be any.
 */
export function loaderCommand(mark: string, sudo: boolean): string {
  const collect = `while IFS= read -r l; do case $l in ${mark}) echo ${mark}; echo ${mark} >&2`
  const loader = `nl=$(echo; echo x); nl=\${nl%x}; s=; ${collect}; eval "$s"; exit;; esac; s=$s$l$nl; done; exit 97`
  const shell = `sh -c '${loader}'`
  return sudo ? `exec env LC_ALL=C sudo -n -- ${shell}` : `exec ${shell}`
}

/** What goes to the loader's standard input before the script's own. */
export function loaderInput(mark: string, script: string): string {
  return `${searchPath}\n${script}\n${mark}\n`
}

/** Non-interactive shells of plain users often lack the administrator's directories. */
const searchPath =
  'PATH="${PATH:+$PATH:}/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"; export PATH'

/** Shell assignments at the head of one of our own scripts. */
export function assign(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${quote(String(value))}\n`)
    .join("")
}

/** Passes on what follows the line that holds the mark; keeps the beginning of what came before. */
export class MarkFilter {
  readonly #line: Buffer
  readonly #sink: ChunkSink
  #before: Buffer = Buffer.alloc(0)
  #seen = false

  constructor(mark: string, sink: ChunkSink) {
    this.#line = Buffer.from(`${mark}\n`)
    this.#sink = sink
  }

  get seen(): boolean {
    return this.#seen
  }

  /** What was said before the mark, at most 64 KiB of it. */
  get preamble(): string {
    return this.#before.toString("utf8").trim()
  }

  push(chunk: Buffer): void | Promise<void> {
    if (this.#seen) return this.#sink(chunk)
    const joined = Buffer.concat([this.#before, chunk])
    const at = joined.indexOf(this.#line)
    if (at < 0) {
      this.#before = joined.length > 65_536 ? joined.subarray(joined.length - 65_536) : joined
      return
    }
    this.#seen = true
    this.#before = joined.subarray(0, at)
    const rest = joined.subarray(at + this.#line.length)
    if (rest.length > 0) return this.#sink(rest)
  }
}
