import type { Finding } from "./finding.ts"
import { moduleOf } from "./layers.ts"
import { isTestFile, type SourceFile } from "./source-file.ts"

interface EffectRule {
  readonly pattern: RegExp
  readonly fix: string
  /** Files where it belongs, each with the reason. */
  readonly rooms: Readonly<Record<string, string>>
}

const effects: readonly EffectRule[] = [
  {
    pattern: /\bDate\.now\(|\bnew Date\(\)|\bperformance\.now\(|\bprocess\.hrtime\b/,
    fix: "take a Clock from #base as an option and ask it",
    rooms: {
      "src/base/clock.ts": "the system clock is made here",
    },
  },
  {
    pattern: /\b(?:setTimeout|setInterval)\(/,
    fix: "take a Clock from #base as an option and use its timers",
    rooms: { "src/base/clock.ts": "the system clock is made here" },
  },
  {
    pattern: /\bMath\.random\(/,
    fix: "use randomHex or randomName of #base, or take a generator as an option",
    rooms: {},
  },
  {
    pattern: /\bprocess\.env\b/,
    fix: "take it as an option: only main.ts reads the environment",
    rooms: { "src/main.ts": "the only file that reads the environment" },
  },
]

/** Clocks, timers, randomness and the environment stay in their rooms; tests are free. */
export function checkEffects(files: readonly SourceFile[]): readonly Finding[] {
  return files
    .filter((file) => moduleOf(file.path) !== undefined && !isTestFile(file))
    .flatMap((file) => effects.flatMap((effect) => checkEffect(file, effect)))
}

/** Rooms that are gone, or no longer need their exception. */
export function checkEffectRooms(files: readonly SourceFile[]): readonly Finding[] {
  return effects.flatMap(({ rooms, pattern }) =>
    Object.keys(rooms)
      .filter((room) => !files.find(({ path }) => path === room)?.codeLines.some(matches(pattern)))
      .map((room) => ({
        rule: "effects",
        file: "tools/tidy/effect-rules.ts",
        line: 0,
        message: `${room} does not need its exception for ${pattern}: remove it`,
      })),
  )
}

function checkEffect(file: SourceFile, { pattern, fix, rooms }: EffectRule): readonly Finding[] {
  if (rooms[file.path]) return []
  return file.codeLines.flatMap((code, index) => {
    const [name] = pattern.exec(code) ?? []
    if (!name) return []
    return [{ rule: "effects", file: file.path, line: index + 1, message: `${name} here: ${fix}` }]
  })
}

function matches(pattern: RegExp): (code: string) => boolean {
  return (code) => pattern.test(code)
}
