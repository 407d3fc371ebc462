import { existsSync, globSync, readFileSync } from "node:fs"
import { join } from "node:path"

/** Test files that cannot run on this machine, and what would change that. */
export interface LeftOut {
  readonly files: readonly string[]
  readonly reason: string
}

/**
 * Files whose every test needs a real sshd, which some of them mount and change users under. They
 * are known by the helper that they start it with.
 */
export function leftOutHere(root: string): readonly LeftOut[] {
  const isAble = process.getuid?.() === 0 && existsSync("/usr/sbin/sshd")
  if (isAble) return []
  const files = globSync("src/**/*.test.ts", { cwd: root }).filter((file) =>
    /\bTestSshd\b|\/remote-bench\.ts"/.test(readFileSync(join(root, file), "utf8")),
  )
  return [{ files, reason: "needs root and sshd: apt-get install openssh-server" }]
}
