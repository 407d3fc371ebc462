import type { Reporter, TestCase, TestModule } from "vitest/node"
import type { LeftOut } from "./requirements.ts"
import optional from "./optional.json" with { type: "json" }

/** What came of a run, in the terms of its last line. */
export interface RunCounts {
  readonly passed: number
  readonly failed: number
  readonly skipped: readonly SkippedTest[]
}

/** A test that did not run, and why. */
export interface SkippedTest {
  readonly file: string
  readonly name: string
  readonly reason: string
}

export interface OptionalTest {
  readonly file: string
  readonly test: string
  readonly needs: string
}

export interface RunReportOptions {
  /** A skipped test has failed then. */
  readonly isEverythingRequired: boolean
  /** Files that were not even loaded. */
  readonly leftOut: readonly LeftOut[]
  readonly write: (text: string) => void
}

const reasonsShownMax = 40

/**
 * Names what a run skipped and why, and ends with the line `N passed, N failed`. Where everything
 * is required, a skipped test has failed, unless `optional.json` says which file it needs that only
 * an operator can give.
 */
export class RunReport implements Reporter {
  readonly #options: RunReportOptions

  constructor(options: RunReportOptions) {
    this.#options = options
  }

  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const { isEverythingRequired, leftOut, write } = this.#options
    const counts = countTests(modules, errors.length)
    const refused = isEverythingRequired ? refusedSkips(counts.skipped, optional) : []
    const lines = [
      ...leftOut.flatMap(({ files, reason }) => files.map((file) => `left out ${file}: ${reason}`)),
      ...skipLines(counts.skipped),
      ...refused.map(({ file, name }) => `skipped, but everything is required: ${file} > ${name}`),
      closingLine({ ...counts, failed: counts.failed + refused.length }),
    ]
    write(`\n${lines.join("\n")}\n`)
    if (refused.length > 0) process.exitCode = 1
  }
}

/** Skipped tests that no operator's file excuses. */
export function refusedSkips(
  skipped: readonly SkippedTest[],
  excuses: readonly OptionalTest[],
): readonly SkippedTest[] {
  return skipped.filter(
    ({ file, name }) => !excuses.some((excuse) => excuse.file === file && excuse.test === name),
  )
}

export function closingLine({ passed, failed }: Pick<RunCounts, "passed" | "failed">): string {
  return `${passed} passed, ${failed} failed`
}

/** One line for each reason of each file, so that a skipped suite does not fill the screen. */
export function skipLines(skipped: readonly SkippedTest[]): readonly string[] {
  const counts = new Map<string, number>()
  for (const { file, reason } of skipped) {
    const line = `skipped ${file}${reason === "" ? "" : `: ${reason}`}`
    counts.set(line, (counts.get(line) ?? 0) + 1)
  }
  return [...counts]
    .slice(0, reasonsShownMax)
    .map(([line, count]) => (count === 1 ? line : `${line} (${count} tests)`))
}

/** A file that could not be loaded, and an error outside of any test, count as one failure each. */
function countTests(modules: readonly TestModule[], strayErrors: number): RunCounts {
  const tests = modules.flatMap((module) => [...module.children.allTests()])
  const brokenSuites = modules.flatMap((module) => [
    ...module.errors(),
    ...[...module.children.allSuites()].flatMap((suite) => suite.errors()),
  ])
  const failed = tests.filter((test) => test.result().state === "failed")
  const unfinished = tests.filter((test) => test.result().state === "pending")
  return {
    passed: tests.filter((test) => test.result().state === "passed").length,
    failed: failed.length + unfinished.length + brokenSuites.length + strayErrors,
    skipped: tests.filter((test) => test.result().state === "skipped").map(skippedTest),
  }
}

/** The reason is the test's own note, or stands in the name of a suite: `(needs root)`. */
function skippedTest(test: TestCase): SkippedTest {
  const result = test.result()
  const note = result.state === "skipped" ? result.note : undefined
  const [, named] = /\(((?:needs|skipped)[^()]*(?:\([^()]*\))?[^()]*)\)/.exec(test.fullName) ?? []
  return {
    file: test.module.relativeModuleId,
    name: test.fullName,
    reason: note ?? named ?? "",
  }
}
