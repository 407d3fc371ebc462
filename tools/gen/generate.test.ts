import { readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { generate } from "./generate.ts"
import { ToolchainError } from "./modules.ts"

const root = join(import.meta.dirname, "../..")

test("the generated files are what the generator makes of the pinned modules", async (context) => {
  const isRequired = process.env["MOTHERSHIP_TEST_REQUIRE"] === "all"
  const files = await generate({ offline: !isRequired }).catch((error: unknown) => {
    if (isRequired || !(error instanceof ToolchainError)) throw error
    return context.skip("needs Go and the pinned modules, which `npm run gen` downloads")
  })
  expect(files.size).toBeGreaterThan(0)
  for (const [path, text] of files) {
    expect(readFileSync(join(root, path), "utf8") === text, `${path}: run npm run gen`).toBe(true)
  }
}, 300_000)
