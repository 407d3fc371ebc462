export { commandPlan, cutPower, newHolder, outputOf, processesOf, settle } from "./plan-host.ts"
export { makeKey, TestSshd, type TestSshdOptions } from "./sshd.ts"
