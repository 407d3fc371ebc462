import { parentPort, workerData } from "node:worker_threads"
import { parseYamlText, type YamlTask } from "./parse-yaml.ts"

parentPort?.postMessage(parseYamlText(workerData as YamlTask))
