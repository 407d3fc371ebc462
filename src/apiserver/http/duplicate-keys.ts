/**
 * Paths of object members that a JSON text gives twice, as `duplicate field "spec.a"`. `JSON.parse`
 * keeps the last one silently; strict decoding must not. The text has been parsed before.
 */
export function findDuplicateKeys(text: string): readonly string[] {
  const findings: string[] = []
  const stack: Frame[] = []
  let index = 0
  while (index < text.length) {
    const frame = stack.at(-1)
    switch (text[index] ?? "") {
      case "{":
        stack.push({ keys: new Set(), path: pathOf(frame), key: "", item: -1, expectsKey: true })
        break
      case "[":
        stack.push({ keys: undefined, path: pathOf(frame), key: "", item: 0, expectsKey: false })
        break
      case "}":
      case "]":
        stack.pop()
        break
      case ",":
        if (frame?.keys) frame.expectsKey = true
        else if (frame) frame.item += 1
        break
      case '"': {
        const end = stringEnd(text, index)
        if (frame?.keys && frame.expectsKey) {
          noteKey(frame, JSON.parse(text.slice(index, end + 1)) as string, findings)
        }
        index = end
        break
      }
      default:
    }
    index += 1
  }
  return findings
}

interface Frame {
  readonly keys: Set<string> | undefined
  readonly path: string
  key: string
  item: number
  expectsKey: boolean
}

function noteKey(frame: Frame, key: string, findings: string[]): void {
  frame.expectsKey = false
  frame.key = key
  if (frame.keys?.has(key)) findings.push(`duplicate field ${JSON.stringify(pathOf(frame))}`)
  frame.keys?.add(key)
}

function pathOf(frame: Frame | undefined): string {
  if (!frame) return ""
  if (!frame.keys) return `${frame.path}[${frame.item}]`
  return frame.path === "" ? frame.key : `${frame.path}.${frame.key}`
}

function stringEnd(text: string, start: number): number {
  let index = start + 1
  while (index < text.length && text[index] !== '"') index += text[index] === "\\" ? 2 : 1
  return index
}
