import { expect, test } from "vitest"
import { parseHostAddress, parseHostList, refuseDuplicates } from "./host-address.ts"

test.each([
  ["root@10.0.0.11", { user: "root", address: "10.0.0.11", port: 22 }],
  ["10.0.0.11", { user: "root", address: "10.0.0.11", port: 22 }],
  ["admin@node-1.example.com:2222", { user: "admin", address: "node-1.example.com", port: 2222 }],
  ["admin@[fd00::11]", { user: "admin", address: "fd00::11", port: 22 }],
  ["[fd00::11]:2222", { user: "root", address: "fd00::11", port: 2222 }],
])("%s is a host", (text, host) => {
  expect(parseHostAddress(text)).toEqual(host)
})

test.each(["", "root@", "a b", "root@host:0", "root@host:70000", "-oProxyCommand=x", "Root@h"])(
  "%j is no host",
  (text) => {
    expect(() => parseHostAddress(text)).toThrow(/is not USER@HOST\[:PORT\]/)
  },
)

test("a list may have spaces, and no host twice", () => {
  const hosts = parseHostList("a, b,,c:2222")

  expect(hosts.map(({ address }) => address)).toEqual(["a", "b", "c"])
  expect(() => refuseDuplicates(hosts)).not.toThrow()
  expect(() => refuseDuplicates([...hosts, ...parseHostList("b:22")])).toThrow(
    "host b:22 is named twice",
  )
})
