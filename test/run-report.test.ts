import { execFile } from "node:child_process"
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { afterAll, beforeAll, expect, test } from "vitest"
import { refusedSkips, skipLines } from "./run-report.ts"

const repository = join(import.meta.dirname, "..")
let root: string

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "mothership-report-"))
  await mkdir(join(root, "node_modules"))
  await symlink(join(repository, "node_modules/vitest"), join(root, "node_modules/vitest"))
  await writeFile(join(root, "package.json"), '{"type":"module"}')
  const report = JSON.stringify(join(repository, "test/run-report.ts"))
  await writeFile(
    join(root, "vitest.config.ts"),
    `import { RunReport } from ${report}
     const isEverythingRequired = process.env.ALL === "1"
     const leftOut = process.env.LEFT_OUT ? [{ files: ["b.test.ts"], reason: "needs air" }] : []
     const write = (text) => process.stdout.write(text)
     const report = new RunReport({ isEverythingRequired, leftOut, write })
     export default { test: { reporters: [report] } }`,
  )
})

afterAll(() => rm(root, { recursive: true }))

const skipping = `
  test("runs", () => {})
  test("is skipped", (context) => context.skip("needs a moon"))
  test.skip("says (needs a sun)", () => {})`

test("a run ends with its counts, and what was skipped is named", async () => {
  expect(await run(skipping, {})).toEqual({
    code: 0,
    lines: [
      "skipped a.test.ts: needs a moon",
      "skipped a.test.ts: needs a sun",
      "1 passed, 0 failed",
    ],
  })
})

test("files that were left out are named too", async () => {
  const { lines } = await run('test("runs", () => {})', { LEFT_OUT: "1" })

  expect(lines).toEqual(["left out b.test.ts: needs air", "1 passed, 0 failed"])
})

test("where everything is required a skipped test fails the run", async () => {
  const { code, lines } = await run(skipping, { ALL: "1" })

  expect(code).toBe(1)
  expect(lines).toContain("skipped, but everything is required: a.test.ts > is skipped")
  expect(lines.at(-1)).toBe("1 passed, 2 failed")
})

test("failing tests, hooks, files and stray errors are counted", async () => {
  const code = `
    test("fails", () => { throw new Error("no") })
    test("passes", () => {})`
  const hook = `describe("suite", () => { beforeAll(() => { throw new Error("no") })
    test("never", () => {}) })`

  expect(await run(code, {})).toMatchObject({ code: 1, lines: ["1 passed, 1 failed"] })
  expect(await run("throw new Error('no')", {})).toMatchObject({ code: 1 })
  expect((await run("throw new Error('no')", {})).lines.at(-1)).toBe("0 passed, 1 failed")
  expect((await run(hook, {})).lines.at(-1)).toBe("0 passed, 1 failed")
})

test("only what is listed by file and name is excused", () => {
  const skipped = { file: "a.test.ts", name: "one", reason: "" }
  const excuse = { file: "a.test.ts", test: "one", needs: "a file" }

  expect(refusedSkips([skipped], [excuse])).toEqual([])
  expect(refusedSkips([skipped], [{ ...excuse, test: "two" }])).toEqual([skipped])
  expect(refusedSkips([skipped], [{ ...excuse, file: "b.test.ts" }])).toEqual([skipped])
})

test("tests of one file with one reason share a line", () => {
  const skipped = { file: "a.test.ts", name: "one", reason: "needs root" }

  expect(skipLines([skipped, { ...skipped, name: "two" }])).toEqual([
    "skipped a.test.ts: needs root (2 tests)",
  ])
})

interface Outcome {
  readonly code: number
  readonly lines: readonly string[]
}

/** Runs vitest on one file, with the report as its only reporter. */
async function run(code: string, variables: Readonly<Record<string, string>>): Promise<Outcome> {
  const head = 'import { beforeAll, describe, test } from "vitest"\n'
  await writeFile(join(root, "a.test.ts"), head + code)
  const vitest = join(repository, "node_modules/vitest/vitest.mjs")
  const env = { ...process.env, ...variables }
  const child = promisify(execFile)(process.execPath, [vitest, "run"], { cwd: root, env })
  const { code: exitCode, stdout } = await child.then(
    ({ stdout }) => ({ code: 0, stdout }),
    (error: { readonly code: number; readonly stdout: string }) => error,
  )
  return { code: exitCode, lines: stdout.split("\n").filter((line) => line !== "") }
}
