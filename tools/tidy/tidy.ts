import { checkEffectRooms, checkEffects } from "./effect-rules.ts"
import type { Finding } from "./finding.ts"
import { checkImports, checkLayers } from "./import-rules.ts"
import { checkExamples, checkGenerated, checkReach } from "./reach-rules.ts"
import { checkSizes } from "./size-rules.ts"
import type { SourceFile } from "./source-file.ts"
import { checkWords } from "./word-rules.ts"

/** Every rule that a linter cannot say. `rooms` is the `imports` map of package.json. */
export function checkTree(
  files: readonly SourceFile[],
  rooms: Readonly<Record<string, string>>,
): readonly Finding[] {
  return [
    ...checkLayers(files),
    ...checkImports(files),
    ...checkEffects(files),
    ...checkEffectRooms(files),
    ...checkSizes(files),
    ...checkReach(files, rooms),
    ...checkExamples(files),
    ...checkGenerated(files),
    ...checkWords(files),
  ]
}
