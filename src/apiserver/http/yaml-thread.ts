import { Worker } from "node:worker_threads"
import { badRequest } from "#meta"
import type { YamlOutcome, YamlTask } from "./parse-yaml.ts"

let previous: Promise<unknown> = Promise.resolve()

/**
 * Parses YAML outside the main thread, one text at a time: clients that write YAML are rare, and a
 * hostile text must not hold up anybody else. Errors: `BadRequest`.
 */
export function parseYamlInThread(task: YamlTask): Promise<unknown> {
  const parsed = previous.then(async () => {
    const outcome = await runThread(task)
    if (outcome.kind === "value") return JSON.parse(outcome.json) as unknown
    throw badRequest(`couldn't parse the body as YAML: ${outcome.message}`)
  })
  previous = parsed.catch(() => {})
  return parsed
}

function runThread(task: YamlTask): Promise<YamlOutcome> {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js"
  const script = new URL(`./parse-yaml.worker.${extension}`, import.meta.url)
  return new Promise((resolve, reject) => {
    const worker = new Worker(script, { workerData: task, name: "parse-yaml" })
    worker.once("message", resolve)
    worker.once("error", reject)
    worker.once("exit", () => reject(new Error("parse YAML: its thread ended")))
  })
}
