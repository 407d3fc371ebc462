import { readFile } from "node:fs/promises"
import { messageOf } from "#base"
import { CommandError, type Environment } from "./environment.ts"

export interface PassphraseOptions {
  readonly passphraseFile?: string | undefined
}

/**
 * The passphrase of a backup: the first line of `--passphrase-file`, else `MOTHERSHIP_PASSPHRASE`,
 * else what is typed at the terminal, twice where a mistyped one would lock the user out.
 */
export async function readPassphrase(
  { variables, stderr }: Environment,
  options: PassphraseOptions,
  isNew: boolean,
): Promise<string> {
  if (options.passphraseFile) return await readFirstLine(options.passphraseFile)
  const variable = variables["MOTHERSHIP_PASSPHRASE"]
  if (variable) return variable
  if (!process.stdin.isTTY) {
    throw new CommandError(
      "a backup needs a passphrase: name a file with --passphrase-file FILE, " +
        "or set MOTHERSHIP_PASSPHRASE",
    )
  }
  const passphrase = await ask("Passphrase: ")
  if (passphrase === "") throw new CommandError("the passphrase is empty")
  if (isNew && (await ask("Again: ")) !== passphrase) {
    throw new CommandError("the two passphrases differ")
  }
  return passphrase

  async function ask(question: string): Promise<string> {
    stderr.write(question)
    const answer = await readHidden(process.stdin)
    stderr.write("\n")
    return answer
  }
}

async function readFirstLine(file: string): Promise<string> {
  let text: string
  try {
    text = await readFile(file, "utf8")
  } catch (error) {
    throw new CommandError(`read ${file}: ${messageOf(error)}`, { cause: error })
  }
  const [line = ""] = text.split(/\r?\n/)
  if (line === "") throw new CommandError(`read ${file}: its first line is empty`)
  return line
}

/** Reads a line that the terminal does not show. */
function readHidden(input: NodeJS.ReadStream): Promise<string> {
  return new Promise((resolve, reject) => {
    let typed = ""
    const finish = (settle: () => void): void => {
      input.off("data", onData)
      input.setRawMode(false)
      input.pause()
      settle()
    }
    const onData = (text: string): void => {
      for (const character of text) {
        if (character === "\r" || character === "\n") return finish(() => resolve(typed))
        if (character === "\u0003" || character === "\u0004") {
          return finish(() => reject(new CommandError("no passphrase was given")))
        }
        typed = character === "\u007f" ? typed.slice(0, -1) : typed + character
      }
    }
    input.setRawMode(true)
    input.setEncoding("utf8")
    input.on("data", onData)
    input.resume()
  })
}
