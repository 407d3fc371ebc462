import type { Finding } from "./finding.ts"
import type { SourceFile } from "./source-file.ts"

interface WordRule {
  readonly pattern: RegExp
  readonly fix: string
  /** Files that may say it. */
  readonly except?: RegExp | undefined
}

const ownFiles = /^tools\/tidy\//

const words: readonly WordRule[] = [
  {
    pattern: /(?<![\w.)-])\/(?:work|home|root|Users)\/[\w.-]+/,
    fix: "a path of one machine: derive it, or write ~ or an option in its place",
    // Cloud-config and machine images really have a root user's home.
    except: /\.test\.ts$|^lab\/|^src\/providers\/(?:kubeadm|remote)\//,
  },
  {
    pattern: /\/tmp\/\w/,
    fix: "a path of one machine: use os.tmpdir() and mkdtemp",
    except: /\.test\.ts$|^lab\//,
  },
  {
    pattern: /\b(?:artifactory|nexus|goproxy\.(?!io\b)|npm-proxy|pypi-proxy)\b|_authToken/i,
    fix: "where packages come from is the machine's setting: leave it out",
  },
  {
    pattern: /"resolved": "(?!https:\/\/registry\.npmjs\.org\/)/,
    fix: "another registry than npm's own: install again without it",
  },
  {
    pattern: /\b(?:TODO|FIXME|XXX|HACK)\b/,
    fix: "do it, or open an issue and leave the code silent",
  },
  {
    pattern: /\b(?:test|it|describe)\.only\(/,
    fix: "runs one test and hides the others: remove .only",
  },
]

/** Words that do not belong into the project, in any of its text files. */
export function checkWords(files: readonly SourceFile[]): readonly Finding[] {
  return files
    .filter(({ path }) => !ownFiles.test(path) && !path.endsWith(".gen.json"))
    .flatMap((file) => words.flatMap((word) => checkWord(file, word)))
}

function checkWord(file: SourceFile, { pattern, fix, except }: WordRule): readonly Finding[] {
  if (except?.test(file.path)) return []
  return file.lines.flatMap((line, index) => {
    const [found] = pattern.exec(line) ?? []
    if (!found) return []
    return [{ rule: "words", file: file.path, line: index + 1, message: `"${found}": ${fix}` }]
  })
}
