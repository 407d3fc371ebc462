import type { Finding } from "./finding.ts"
import { isGenerated, isTestFile, type SourceFile } from "./source-file.ts"

export const fileLinesMax = 500
export const testLinesMax = 800
export const columnsMax = 100

/** Lengths of files and lines; functions and parameters are the linter's. */
export function checkSizes(files: readonly SourceFile[]): readonly Finding[] {
  return files
    .filter((file) => file.path.endsWith(".ts") && !isGenerated(file))
    .flatMap((file) => [...checkLength(file), ...checkColumns(file)])
}

function checkLength(file: SourceFile): readonly Finding[] {
  const max = isTestFile(file) ? testLinesMax : fileLinesMax
  const length = file.lines.at(-1) === "" ? file.lines.length - 1 : file.lines.length
  if (length <= max) return []
  const message = `${length} lines, ${max} at most: split it by nouns`
  return [{ rule: "file-length", file: file.path, line: 0, message }]
}

/** Code is the formatter's, which breaks all but literals; comments are counted here. */
function checkColumns(file: SourceFile): readonly Finding[] {
  return file.lines.flatMap((line, index) => {
    const columns = Array.from(line).length
    if (columns <= columnsMax || !/^\s*(?:\/\/|\/\*\*|\*\s)/.test(line)) return []
    const message = `${columns} columns, ${columnsMax} at most: break the line`
    return [{ rule: "columns", file: file.path, line: index + 1, message }]
  })
}
