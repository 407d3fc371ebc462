import type { Exchange } from "./exchange.ts"
import { sendText } from "./respond.ts"

/** `/version`: clients refuse what is not a semantic version. */
export function versionInfo(version: string): unknown {
  const [, major = "0", minor = "0"] = /^v(\d+)\.(\d+)/.exec(version) ?? []
  return {
    major,
    minor,
    gitVersion: version,
    gitCommit: "",
    gitTreeState: "clean",
    buildDate: "1970-01-01T00:00:00Z",
    goVersion: "none",
    compiler: "none",
    platform: `${process.platform}/${process.arch === "x64" ? "amd64" : process.arch}`,
  }
}

const healthPaths = /^\/(?:healthz|livez|readyz)(?:\/(ping|etcd|store|poststarthook\/[a-z-]+))?$/

/** `/healthz`, `/livez`, `/readyz` and their checks; false when the path is none of them. */
export function serveHealth(exchange: Exchange, path: string, isReady: boolean): boolean {
  const match = healthPaths.exec(path)
  if (!match) return false
  const name = path.split("/")[1] ?? ""
  const isVerbose = exchange.query.has("verbose") && match[1] === undefined
  const mark = isReady ? "+" : "-"
  const details = `[+]ping ok\n[${mark}]etcd ${isReady ? "ok" : "failed"}\n`
  const verdict = `${name} check ${isReady ? "passed" : "failed"}\n`
  const text = isVerbose || !isReady ? details + verdict : "ok"
  sendText(exchange, isReady ? 200 : 500, text)
  return true
}
