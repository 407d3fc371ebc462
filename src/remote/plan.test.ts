import { expect, test } from "vitest"

import { parsePlan } from "./plan.ts"

const command = { kind: "command", command: "true" }
const sha256 = "a".repeat(64)

test("a plan with every action is accepted as it is", () => {
  const plan = {
    version: 1,
    secrets: ["value"],
    steps: [
      {
        name: "a.b_c-1",
        title: "Any title: 'é\n",
        action: command,
        check: "true",
        recover: "true",
      },
      { name: "b", action: { kind: "command", command: ["ls", ""] }, timeoutSeconds: 5 },
      {
        name: "c",
        action: { kind: "files", files: [{ path: "/a b", content: "AAE=", owner: "a:b" }] },
      },
      { name: "d", action: { kind: "install", artifacts: [{ path: "/x", sha256, mode: "755" }] } },
    ],
  }
  expect(parsePlan(plan)).toBe(plan)
  expect(parsePlan({ version: 1, steps: [] })).toEqual({ version: 1, steps: [] })
})

test.each<readonly [string, unknown, string]>([
  ["no object", "x", "plan: must be an object"],
  ["another version", { version: 2, steps: [] }, "plan: version 2 is not known"],
  ["no steps", { version: 1 }, "steps: must be a list"],
  ...["", "../up", "a b", "a/b", "$(id)", "-x", "a\nb", ".", "x".repeat(64)].map(
    (name) =>
      [
        `the name ${JSON.stringify(name)}`,
        { version: 1, steps: [{ name, action: command }] },
        "steps[0].name",
      ] as const,
  ),
  [
    "a name twice",
    {
      version: 1,
      steps: [
        { name: "a", action: command },
        { name: "a", action: command },
      ],
    },
    "steps[1].name: a is there twice",
  ],
  ["an unknown action", step({ kind: "reboot" }), 'steps[0].action.kind: "reboot" is not known'],
  ["an empty list", step({ kind: "command", command: [] }), "steps[0].action.command: is empty"],
  ["a NUL", step({ kind: "command", command: "a\0b" }), "steps[0].action.command: holds a NUL"],
  ["a relative path", files({ path: "etc/x", content: "" }), "is not an absolute file path"],
  ["a directory", files({ path: "/etc/", content: "" }), "is not an absolute file path"],
  ["no base64", files({ path: "/x", content: "a!" }), "files[0].content: is not base64"],
  ["a mode that is none", files({ path: "/x", content: "", mode: "0999" }), "is not an octal mode"],
  ["a hostile owner", files({ path: "/x", content: "", owner: "a;id" }), "is not a user"],
  [
    "no digest",
    step({ kind: "install", artifacts: [{ path: "/x", sha256: "abc" }] }),
    "is not a SHA-256",
  ],
  [
    "a timeout of no time",
    { version: 1, steps: [{ name: "a", action: command, timeoutSeconds: 0 }] },
    "steps[0].timeoutSeconds",
  ],
])("%s is refused by name", (_what, plan, message) => {
  expect(() => parsePlan(plan)).toThrow(expect.objectContaining({ reason: "InvalidPlan" }))
  expect(() => parsePlan(plan)).toThrow(message)
})

function step(action: unknown): unknown {
  return { version: 1, steps: [{ name: "a", action }] }
}

function files(file: unknown): unknown {
  return step({ kind: "files", files: [file] })
}
