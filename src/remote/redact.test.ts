import { generateKeyPairSync } from "node:crypto"

import { expect, test } from "vitest"

import { printable, redact } from "./redact.ts"
import { StepOutput } from "./step-output.ts"

const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" })
const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString()
const digest = "0123456789abcdef".repeat(4)

test.each([
  ["bootstrap tokens keep their id", "token abcdef.0123456789abcdef.", "token abcdef.[redacted]."],
  ["certificate keys go", `--certificate-key ${digest}`, "--certificate-key [redacted]"],
  ["digests stay", `sha256:${digest}`, `sha256:${digest}`],
  ["longer hexadecimal stays", `${digest}00`, `${digest}00`],
  ["file names stay", "kubelet.service and abcdef.conf", "kubelet.service and abcdef.conf"],
  ["private keys go", `before\n${pem}after`, "before\n[redacted]\nafter"],
  [
    "keys in kubeconfigs go",
    `client-key-data: ${Buffer.from(pem).toString("base64")}\n`,
    "client-key-data: [redacted]\n",
  ],
  [
    "certificates in kubeconfigs stay",
    `data: ${Buffer.from("-----BEGIN CERTIFICATE-----\nabc").toString("base64")}`,
    `data: ${Buffer.from("-----BEGIN CERTIFICATE-----\nabc").toString("base64")}`,
  ],
  ["a key cut off at its end goes", pem.slice(0, -40), "[redacted]"],
  ["a key cut off at its beginning goes", `${pem.slice(40)}after`, "[redacted]\nafter"],
])("%s", (_what, text, expected) => {
  expect(redact(text)).toBe(expected)
})

test("secret values of six characters and more go, line by line, the longest first", () => {
  const secrets = ["hunter22", "hunter22-and-more", "short", "two\nsecond line\n"]
  const text = "hunter22-and-more hunter22 short second line two"
  expect(redact(text, secrets)).toBe("[redacted] [redacted] short [redacted] two")
})

test("printable text has no control characters, and progress bars become lines", () => {
  expect(printable("\x1b[31mred\x1b[0m 10%\r20%\r\nok\tthere\x00\x07\n")).toBe(
    "red 10%\n20%\nok\tthere\n",
  )
})

test("however output is cut into pieces, secrets do not slip through", () => {
  const text = `start hunter22 é\n${pem}abcdef.0123456789abcdef\nlast hunter22`
  const bytes = Buffer.from(text)
  const expected = redact(text, ["hunter22"])
  for (let size = 1; size < bytes.length; size += 7) {
    const output = new StepOutput(["hunter22"])
    const pieces: string[] = []
    let endBytes = 0
    for (let at = 0; at < bytes.length; at += size) {
      const piece = output.push(at, bytes.subarray(at, at + size))
      if (piece) {
        pieces.push(piece.text)
        endBytes = piece.endBytes
      }
    }
    expect(bytes.subarray(0, endBytes).toString().endsWith("\n")).toBe(true)
    const rest = output.flush()
    expect(rest?.endBytes).toBe(bytes.length)
    expect(pieces.join("") + (rest?.text ?? "")).toBe(expected)
  }
})

test("a line without an end is not parted inside a secret", () => {
  const secret = "hunter22-and-more"
  const line = Buffer.from(`token=abcdef.0123456789abcdef,${secret};`.repeat(6_000))
  for (let at = 0; at < secret.length * 3; at += 1) {
    const bytes = line.subarray(at)
    const output = new StepOutput([secret])
    const pieces: string[] = []
    for (let from = 0; from < bytes.length; from += 65_536) {
      pieces.push(output.push(from, bytes.subarray(from, from + 65_536))?.text ?? "")
    }
    pieces.push(output.flush()?.text ?? "")
    const [, ...rest] = pieces.join("").split(";")
    const wrong = rest.find((item) => item !== "" && item !== "token=abcdef.[redacted],[redacted]")
    expect(wrong).toBeUndefined()
  }
})

test("a line without an end is handed on before it fills the memory", () => {
  const output = new StepOutput([])
  let sizeBytes = 0
  for (let at = 0; at < 100; at += 1) {
    sizeBytes += output.push(at * 10_000, Buffer.alloc(10_000, "x"))?.text.length ?? 0
  }
  expect(sizeBytes).toBeGreaterThan(900_000)
  expect(sizeBytes + (output.flush()?.text.length ?? 0)).toBe(1_000_000)
})
