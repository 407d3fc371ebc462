import { parentPort, workerData } from "node:worker_threads"

import { type LockedKey, openKey } from "./open-key.ts"

parentPort?.postMessage(openKey(workerData as LockedKey))
