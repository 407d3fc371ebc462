import { gzipSync } from "node:zlib"
import { expect, test } from "vitest"
import { CloudConfigError, parseCloudConfig } from "./cloud-config.ts"

function contentOf(text: string): string | undefined {
  const [file] = parseCloudConfig(text).files
  return file && Buffer.from(file.content).toString("utf8")
}

test("commands come as text and as lists, in their order", () => {
  const config = parseCloudConfig(
    "## template: jinja\n#cloud-config\nruncmd:\n  - echo a && echo b\n  - [ls, -l, 3]\nbootcmd:\n  - true\n",
  )

  expect(config.runCommands).toEqual(["echo a && echo b", ["ls", "-l", "3"]])
  expect(config.bootCommands).toEqual(["true"])
})

const packed = gzipSync("hello\n").toString("base64")
test.each([
  ["", "hello\n"],
  ["b64", Buffer.from("hello\n").toString("base64")],
  ["base64", Buffer.from("hello\n").toString("base64")],
  ["gz+b64", packed],
  ["gzip+base64", packed],
  ["gz+base64", packed],
])("a file with encoding %j is decoded", (encoding, content) => {
  const yaml = `#cloud-config\nwrite_files:\n- path: /a\n  encoding: "${encoding}"\n  content: ${JSON.stringify(content)}\n`

  expect(contentOf(yaml)).toBe("hello\n")
})

test.each([
  ["'0600'", "0600"],
  ["0600", "0600"],
  ['"755"', "0755"],
  ["0o640", "0640"],
])("permissions written %s are %s", (written, expected) => {
  const yaml = `#cloud-config\nwrite_files:\n- path: /a\n  permissions: ${written}\n  content: x\n`

  expect(parseCloudConfig(yaml).files[0]?.permissions).toBe(expected)
})

test("owner, append and defer are kept, and files are root's by default", () => {
  const yaml =
    "#cloud-config\nwrite_files:\n- {path: /a, content: x, owner: 'kube:kube', append: true, defer: true}\n- {path: /b}\n"

  expect(parseCloudConfig(yaml).files).toMatchObject([
    { owner: "kube:kube", append: true, defer: true },
    { owner: "root:root", append: false, defer: false, permissions: "0644" },
  ])
})

test("users have groups, sudo rules and keys, and the default user is passed over", () => {
  const yaml =
    "#cloud-config\nusers:\n- default\n- name: ops\n  groups: adm, sudo\n  sudo: ALL=(ALL) NOPASSWD:ALL\n  ssh_authorized_keys: [ssh-ed25519 AAA]\n"

  expect(parseCloudConfig(yaml).users).toMatchObject([
    {
      name: "ops",
      groups: ["adm", "sudo"],
      sudo: ["ALL=(ALL) NOPASSWD:ALL"],
      authorizedKeys: ["ssh-ed25519 AAA"],
    },
  ])
})

test("modules that we do not know are named", () => {
  const config = parseCloudConfig("#cloud-config\npackages: [nginx]\nntp: {enabled: true}\n")

  expect(config.unknownModules).toEqual(["ntp", "packages"])
})

test.each([
  ["#!/bin/sh\necho\n", "first line"],
  ["#cloud-config\n- a\n", "not a mapping"],
  ["#cloud-config\nruncmd: {a: 1}\n", "runcmd"],
  ["#cloud-config\nwrite_files:\n- {path: a}\n", "write_files[0].path"],
  ["#cloud-config\nwrite_files:\n- {path: /a, encoding: rot13}\n", "write_files[0].encoding"],
  ["#cloud-config\nwrite_files:\n- {path: /a, encoding: gz+b64, content: eA==}\n", "content"],
  ["#cloud-config\nwrite_files:\n- {path: /a, permissions: rwx}\n", "permissions"],
  ["#cloud-config\nruncmd: [a]\nruncmd: [b]\n", "unique"],
  ["#cloud-config\nusers:\n- {name: 'a b'}\n", "users[0].name"],
  ["#cloud-config\na: [\n", "parse"],
])("the broken text %j is refused, naming the place", (yaml, place) => {
  expect(() => parseCloudConfig(yaml)).toThrow(CloudConfigError)
  expect(() => parseCloudConfig(yaml)).toThrow(place)
})

test("a bomb of aliases or of packed bytes is refused", () => {
  const aliases = `#cloud-config\na: &a [x, x, x]\n${Array.from({ length: 9 }, (_, index) => `b${index}: &b${index} [${Array.from({ length: 9 }, () => (index === 0 ? "*a" : `*b${index - 1}`)).join(", ")}]`).join("\n")}\n`
  const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024)).toString("base64")

  expect(() => parseCloudConfig(aliases)).toThrow(CloudConfigError)
  expect(() =>
    parseCloudConfig(
      `#cloud-config\nwrite_files:\n- {path: /a, encoding: gz+b64, content: ${bomb}}\n`,
    ),
  ).toThrow("unpacked")
})
