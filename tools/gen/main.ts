import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { generate } from "./generate.ts"

const root = join(import.meta.dirname, "../..")
for (const [path, text] of await generate()) {
  writeFileSync(join(root, path), text)
  console.log(`${path}: ${text.length} bytes`)
}
