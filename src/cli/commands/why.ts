import { explain, type Explanation } from "#explain"
import { namespaceFlag, withPlane } from "../connection.ts"
import { CommandError, type Environment } from "../environment.ts"
import type { ObjectOptions } from "../object-options.ts"
import { parseObjectName } from "../resource-kind.ts"
import { formatAge, markOf } from "../tree-text.ts"

/** `mothership why KIND/NAME`: the deepest thing that keeps an object from being ready. */
export async function why(
  environment: Environment,
  target: string,
  options: ObjectOptions,
): Promise<void> {
  const { kind, name } = parseObjectName(target)
  await withPlane(environment, options, async (connection) => {
    const view = await connection.openView()
    const namespace = options.namespace ?? connection.namespace
    const object = view.find({ kind: kind.kind, name }, namespace)
    if (!object) {
      throw new CommandError(`there is no ${kind.kind} ${name} in namespace ${namespace}`)
    }
    const flag = namespaceFlag(namespace, connection)
    const lines = explanationText(explain(view, object), environment.clock.now(), flag)
    environment.stdout.write(`${lines.join("\n")}\n`)
  })
}

/** The explanation as lines; the flag completes commands, where the namespace has to be named. */
export function explanationText(
  explanation: Explanation,
  nowMs: number,
  flag: string,
): readonly string[] {
  const { path, isReady, reason, message, since, turn, evidence, machine } = explanation
  const titles = path.map(({ title, health }) => `${markOf(health.state, false)} ${title}`)
  if (isReady) return [...titles, "ready: it waits for nothing"]
  const [first = "", ...rest] = titles
  const details = [
    ["waits for", [reason, ...message.split("\n")].filter(Boolean).join("\n")],
    ["since", since === undefined ? "" : `${since} (${formatAge(since, nowMs)} ago)`],
    ["turn", turn?.who ?? ""],
    [
      "to do",
      (turn?.advice ?? "").replaceAll("machine/NAME", `machine/${machine ?? "NAME"}${flag}`),
    ],
    ["evidence", evidence.join("\n")],
  ] as const
  return [
    first,
    ...rest.map((title, index) => `${"  ".repeat(index)}└─${title}`),
    "",
    ...details.filter(([, text]) => text !== "").flatMap(([name, text]) => block(name, text)),
  ]
}

function block(name: string, text: string): readonly string[] {
  return text
    .split("\n")
    .map((line, index) => `${(index === 0 ? `${name}:` : "").padEnd(11)}${line}`)
}
