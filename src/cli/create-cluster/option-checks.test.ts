import { expect, test } from "vitest"
import { checkRanges, isEncryptedKey, parseMinutes } from "./option-checks.ts"

test.each([
  ["10.244.0.0/16", "10.96.0.0/16"],
  ["fd00:1::/64", "fd00:2::/108"],
  ["10.244.0.0/16", "fd00:2::/108"],
])("%s for pods goes with %s for services", (pods, services) => {
  expect(() => checkRanges(pods, services)).not.toThrow()
})

test.each([
  ["10.96.0.0/16", "10.96.0.0/16"],
  ["10.0.0.0/8", "10.96.0.0/16"],
  ["10.96.128.0/17", "10.96.0.0/16"],
  ["fd00::/16", "fd00:2::/108"],
])("%s for pods overlaps with %s for services", (pods, services) => {
  expect(() => checkRanges(pods, services)).toThrow(/overlap/)
})

test.each(["banana", "10.244.0.0", "10.244.0.0/33", "10.244.0/16", "fd00::/129", "10.0.0.0/8/8"])(
  "%s is no range",
  (text) => {
    expect(() => checkRanges(text, "10.96.0.0/16")).toThrow(/is not a range/)
  },
)

test("minutes are a number above zero", () => {
  expect(parseMinutes("0.5")).toBe(0.5)
  for (const text of ["soon", "", "0", "-1", "Infinity"]) {
    expect(() => parseMinutes(text)).toThrow(/number of minutes/)
  }
})

/** A key file as far as it says how it is encrypted. */
function opensshKey(cipher: string): string {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(cipher.length)
  const body = Buffer.concat([Buffer.from("openssh-key-v1\0"), length, Buffer.from(cipher)])
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${body.toString("base64")}\n-----END OPENSSH PRIVATE KEY-----\n`
}

test.each([
  ["OpenSSH, with a passphrase", opensshKey("aes256-ctr"), true],
  ["OpenSSH, without one", opensshKey("none"), false],
  ["PKCS #8, with a passphrase", "-----BEGIN ENCRYPTED PRIVATE KEY-----\n", true],
  ["PKCS #1, with a passphrase", "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n", true],
  ["PKCS #1, without one", "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n", false],
])("a key of %s", (_form, pem, isEncrypted) => {
  expect(isEncryptedKey(pem)).toBe(isEncrypted)
})
