import { describe, expect, test } from "vitest"
import { checkEffects } from "./effect-rules.ts"
import { checkImports, checkLayers } from "./import-rules.ts"
import { maskCode } from "./mask-code.ts"
import { applyRatchet } from "./ratchet.ts"
import { checkExamples, checkReach } from "./reach-rules.ts"
import { checkSizes } from "./size-rules.ts"
import { sourceFile } from "./source-file.ts"
import { checkWords } from "./word-rules.ts"

function importFrom(path: string, specifier: string): readonly string[] {
  const file = sourceFile(path, `import { thing } from "${specifier}"\n`)
  return checkImports([file]).map(({ message }) => message)
}

describe("imports", () => {
  test.each([
    ["a room that is in the row", "src/meta/x.ts", "#base"],
    ["a file of the same module", "src/meta/x.ts", "./y.ts"],
    ["a package", "src/meta/x.ts", "yaml"],
    ["a built-in that the row names", "src/contract/x.ts", "node:zlib"],
    ["any built-in, by a test", "src/meta/x.test.ts", "node:fs"],
    ["a testing room, by a test", "src/client/x.test.ts", "#apiserver/testing"],
    ["a lower room that is not in the row, by a test", "src/controller/x.test.ts", "#schema"],
    ["a room beside, by a test", "src/apiserver/x.test.ts", "#client"],
    ["the lab, by a test", "src/remote/x.test.ts", "../../lab/paths.ts"],
    ["a room, from outside", "bench/x.ts", "#pki"],
  ])("allow %s", (_, path, specifier) => {
    expect(importFrom(path, specifier)).toEqual([])
  })

  test.each([
    ["a room above", "src/base/x.ts", "#meta", /level 0.*level 3/],
    ["a room beside", "src/cluster/x.ts", "#providers/kubeadm", /move what both need/],
    ["a lower room that is not in the row", "src/client/x.ts", "#schema", /add it to its row/],
    ["no room at all", "src/meta/x.ts", "#nowhere", /no module/],
    ["another module by path", "src/meta/x.ts", "../base/clock.ts", /import #base/],
    ["the lab, by code", "src/remote/x.ts", "../../lab/paths.ts", /leaves the module/],
    ["a testing room, by code", "src/client/x.ts", "#base/testing", /only tests/],
    ["a testing file, by code", "src/client/x.ts", "./testing/y.ts", /for tests/],
    ["the module's own door", "src/meta/x.ts", "./index.ts", /file that defines it/],
    ["a built-in that is not in the row", "src/meta/x.ts", "node:fs", /take what it gives/],
    ["the inside of a module, from outside", "bench/x.ts", "../src/pki/der.ts", /import #pki/],
    ["a higher room, by a test", "src/base/x.test.ts", "#meta", /level 0.*level 3/],
  ])("refuse %s", (_, path, specifier, message) => {
    expect(importFrom(path, specifier)).toEqual([expect.stringMatching(message)])
  })

  test("are found over several lines, in re-exports and in import()", () => {
    const code = [
      "import {",
      "  one,",
      '} from "#one"',
      'export { two } from "#two"',
      'const three = await import("#three")',
      'import "#four"',
    ]

    const { imports } = sourceFile("src/meta/x.ts", code.join("\n"))

    expect(imports).toEqual([
      { specifier: "#one", line: 3 },
      { specifier: "#two", line: 4 },
      { specifier: "#three", line: 5 },
      { specifier: "#four", line: 6 },
    ])
  })

  test("want a row for every module", () => {
    const messages = checkLayers([sourceFile("src/novelty/x.ts", "")]).map((one) => one.message)

    expect(messages).toContain("src/novelty is in no row: give it one, or move its files")
    expect(messages).toContain("module store has no files: remove its row")
  })
})

describe("effects", () => {
  test.each(["Date.now()", "new Date()", "setTimeout(f, 1)", "Math.random()", "process.env"])(
    "%s is refused in a module, and allowed in a test and outside",
    (code) => {
      expect(checkEffects([sourceFile("src/meta/x.ts", code)])).toHaveLength(1)
      expect(checkEffects([sourceFile("src/meta/x.test.ts", code)])).toEqual([])
      expect(checkEffects([sourceFile("lab/x.ts", code)])).toEqual([])
    },
  )

  test("are not seen in comments, strings and patterns", () => {
    const code =
      '// Date.now()\nconst a = "Date.now()"\nconst b = /Date.now()/\nconst c = `setTimeout(`\n'

    expect(checkEffects([sourceFile("src/meta/x.ts", code)])).toEqual([])
  })

  test("are seen in a template's holes", () => {
    expect(checkEffects([sourceFile("src/meta/x.ts", "`at ${Date.now()}`")])).toHaveLength(1)
  })
})

test("masking keeps code, division and line breaks", () => {
  expect(maskCode('a / b // "c\nd("e\\"f", /["/]/g, `g${h({ i: "j" })}k`)')).toBe(
    'a / b      \nd("    ", /    /g, ` ${h({ i: " " })} `)',
  )
})

test("files and comments have a length", () => {
  const long = sourceFile("src/meta/x.ts", "x\n".repeat(501))
  const longTest = sourceFile("src/meta/x.test.ts", "x\n".repeat(800))
  const wide = sourceFile("src/meta/y.ts", `// ${"word ".repeat(20)}`)

  expect(checkSizes([long, longTest, wide]).map(({ rule, file }) => [rule, file])).toEqual([
    ["file-length", "src/meta/x.ts"],
    ["columns", "src/meta/y.ts"],
  ])
})

test("a file that nothing imports is dead", () => {
  const door = sourceFile("src/meta/index.ts", 'export { used } from "./used.ts"')
  const files = [door, sourceFile("src/meta/used.ts", ""), sourceFile("src/meta/dead.ts", "")]

  const dead = checkReach(files, { "#meta": "./src/meta/index.ts" })

  expect(dead.map(({ file }) => file)).toEqual(["src/meta/dead.ts"])
})

test("an example is applied by a test", () => {
  const example = sourceFile("examples/one.yaml", "")

  expect(checkExamples([example])).toHaveLength(1)
  expect(checkExamples([example, sourceFile("test/x.test.ts", 'apply("one.yaml")')])).toEqual([])
})

test.each(["read /home/somebody/file", "npm-proxy.example", "// TODO later", 'test.only("x")'])(
  "%s does not belong",
  (text) => {
    expect(checkWords([sourceFile("docs/x.md", text)])).toHaveLength(1)
  },
)

describe("the ratchet", () => {
  const findings = [1, 2].map((line) => ({ rule: "words", file: "a.ts", line, message: "m" }))

  test("forgives as many findings as it lists", () => {
    expect(applyRatchet(findings, { words: { "a.ts": 2 } })).toEqual([])
  })

  test("forgives no more", () => {
    expect(applyRatchet(findings, { words: { "a.ts": 1 } })).toEqual(findings)
  })

  test("wants to shrink with what it lists", () => {
    expect(applyRatchet(findings, { words: { "a.ts": 3 } })).toEqual([
      expect.objectContaining({ message: "a.ts has 2 left: lower its number, or remove it" }),
    ])
  })
})
