import { join } from "node:path"
import { expect, test } from "vitest"
import packageFile from "../../package.json" with { type: "json" }
import { findingText } from "./finding.ts"
import ratchet from "./ratchet.json" with { type: "json" }
import { applyRatchet } from "./ratchet.ts"
import { readSourceTree } from "./source-file.ts"
import { checkTree } from "./tidy.ts"

const root = join(import.meta.dirname, "../..")

test("the project keeps its own rules", () => {
  const files = readSourceTree(root)

  const findings = applyRatchet(checkTree(files, packageFile.imports), ratchet)

  expect(findings.map((finding) => findingText(finding))).toEqual([])
  expect(files.length).toBeGreaterThan(100)
})
