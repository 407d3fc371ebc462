import { createHash } from "node:crypto"

import { randomHex } from "#base"

import type { StreamContent, UploadContent, UploadOptions } from "./host.ts"
import { DiskFullError, HostOperationError, isDiskFull } from "./host-error.ts"
import { assign } from "./remote-shell.ts"
import type { ScriptOptions, ScriptResult } from "./run-script.ts"

export interface UploadRequest {
  readonly rootDir: string
  /** How the host is called in messages. */
  readonly host: string
  readonly execute: (script: Omit<ScriptOptions, "sudo">) => Promise<ScriptResult>
  readonly path: string
  readonly content: UploadContent
  readonly options: UploadOptions
}

/** An upload that moves no byte for this long is given up. */
const stallMs = 120_000

/**
 * The file is built beside its target and takes its name only when its size, and its digest where
 * one is known, are right: a connection that breaks in the middle looks like a short input.
 */
const uploadScript = `
umask 077; LC_ALL=C; export LC_ALL
dir=\${target%/*}
case $target/ in
"$root"/*) mkdir -p -- "$dir" || exit 1 ;;
*) (umask 022; mkdir -p -- "\${dir:-/}") || exit 1 ;;
esac
if [ -d "$target" ]; then echo "$target is a directory" >&2; exit 1; fi
tmp=$dir/.mothership-upload.$nonce
trap 'rm -f -- "$tmp"' EXIT
trap 'exit 143' HUP INT TERM
cat >"$tmp" || exit 1
got=$(wc -c <"$tmp") || exit 1
if [ "$got" -ne "$size" ]; then echo "received $got of $size bytes" >&2; exit 1; fi
if [ -n "$sha256" ]; then
  sum=$(sha256sum <"$tmp") || exit 1
  if [ "\${sum%% *}" != "$sha256" ]; then echo "sha256 is \${sum%% *}, not $sha256" >&2; exit 1; fi
fi
chown -- "$owner" "$tmp" && chmod -- "$mode" "$tmp" || exit 1
sync "$tmp" 2>/dev/null || sync
mv -f -- "$tmp" "$target" || exit 1
sync "$dir" 2>/dev/null || sync
`

/** Throws DiskFull, HostOperationFailed with what the host said, or HostUnreachable. */
export async function upload(request: UploadRequest): Promise<void> {
  const { path, options } = request
  if (!path.startsWith("/") || path.endsWith("/") || path.includes("\0")) {
    throw new HostOperationError(
      `upload file: ${JSON.stringify(path)} is not an absolute file path`,
    )
  }
  const content = asStream(request.content)
  const values = {
    root: request.rootDir,
    target: path,
    nonce: randomHex(8),
    size: content.sizeBytes,
    sha256: content.sha256 ?? "",
    owner: options.owner ?? "0:0",
    mode: options.mode,
  }
  const result = await request.execute({
    script: assign(values) + uploadScript,
    stdin: withProgress(content.stream, options.progress),
    idleMs: stallMs,
    signal: options.signal,
  })
  if (result.exitCode === 0) return
  const said = result.stderr.trim() || `exit code ${result.exitCode}`
  const message = `upload ${path} to ${request.host}: ${said}`
  if (isDiskFull(said)) throw new DiskFullError(message)
  throw new HostOperationError(message)
}

function asStream(content: UploadContent): StreamContent {
  if (typeof content !== "string" && !(content instanceof Uint8Array)) return content
  const bytes = Buffer.from(content)
  return {
    stream: (async function* () {
      yield bytes
    })(),
    sizeBytes: bytes.length,
    sha256: createHash("sha256").update(bytes).digest("hex"),
  }
}

async function* withProgress(
  stream: AsyncIterable<Uint8Array>,
  progress: ((sentBytes: number) => void) | undefined,
): AsyncGenerator<Uint8Array> {
  let sentBytes = 0
  for await (const chunk of stream) {
    yield chunk
    sentBytes += chunk.length
    progress?.(sentBytes)
  }
}
