export { Backoff } from "./backoff.ts"
export { type Clock, formatMicroTime, formatTime, sleep, systemClock, type Timer } from "./clock.ts"
export { assert, messageOf, unreachable } from "./errors.ts"
export {
  cloneJson,
  deepEqual,
  deepFreeze,
  isObject,
  type JsonObject,
  type JsonValue,
  setOwn,
} from "./json.ts"
export { type LogFields, type Logger, silentLogger } from "./log.ts"
export { randomHex, randomName, randomUid } from "./random.ts"
