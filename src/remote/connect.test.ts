import { generateKeyPairSync } from "node:crypto"
import { readFile, writeFile } from "node:fs/promises"
import { createServer, type Server, type Socket, connect as connectTcp } from "node:net"
import { existsSync } from "node:fs"
import { join } from "node:path"

import { FakeClock } from "#base/testing"
import { afterAll, beforeAll, expect, test, vi } from "vitest"

import type { connect } from "./connect.ts"
import { fingerprintOf } from "./host-key.ts"
import { readPrivateKey } from "./private-key.ts"
import { start } from "./start-plan.ts"
import { commandPlan, makeKey, newHolder, settle, TestSshd } from "./testing/index.ts"

// Real processes on a machine that may be busy with other tests.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

let sshd: TestSshd

beforeAll(async () => {
  sshd = await TestSshd.start()
})
afterAll(() => sshd.stop())

async function hostFingerprint(host: TestSshd, type: string): Promise<string> {
  const line = await readFile(join(host.dir, `host_${type}.pub`), "utf8")
  return fingerprintOf(Buffer.from(line.split(" ")[1] ?? "", "base64"))
}

async function listen(
  onSocket: (socket: Socket) => void,
): Promise<{ server: Server; port: number }> {
  const server = createServer(onSocket)
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  return { server, port: typeof address === "object" && address ? address.port : 0 }
}

test("a first contact reports the host key, and a later one is held to it", async () => {
  const first = await sshd.connect()
  expect(first.hostKeyFingerprint).toBe(await hostFingerprint(sshd, "ed25519"))
  first.close()
  const hostKey = { kind: "pinned", fingerprint: first.hostKeyFingerprint } as const
  const second = await sshd.connect({ hostKey })
  expect(second.hostKeyFingerprint).toBe(first.hostKeyFingerprint)
  second.close()
})

test.each(["ecdsa", "rsa"])("a pin may name the host's %s key", async (type) => {
  const fingerprint = await hostFingerprint(sshd, type)
  const host = await sshd.connect({ hostKey: { kind: "pinned", fingerprint } })
  expect(host.hostKeyFingerprint).toBe(fingerprint)
  host.close()
})

test("a changed host key is an error that names what was expected and what is there", async () => {
  const changed = await TestSshd.start()
  try {
    const fingerprint = await hostFingerprint(changed, "ed25519")
    await changed.pause()
    await changed.changeHostKeys()
    await changed.resume()
    const refused = changed.connect({ hostKey: { kind: "pinned", fingerprint } })
    await expect(refused).rejects.toMatchObject({
      reason: "HostKeyChanged",
      expected: fingerprint,
      presented: [
        await hostFingerprint(changed, "ed25519"),
        await hostFingerprint(changed, "ecdsa"),
        await hostFingerprint(changed, "rsa"),
      ],
    })
  } finally {
    await changed.stop()
  }
})

test("a key that the host does not know fails authentication", async () => {
  await makeKey(join(sshd.dir, "stranger"), "ed25519")
  const privateKey = await readFile(join(sshd.dir, "stranger"), "utf8")
  await expect(sshd.connect({ credentials: { privateKey } })).rejects.toMatchObject({
    reason: "AuthenticationFailed",
  })
})

test.each(["ed25519", "rsa", "ecdsa"])("an encrypted %s key needs its passphrase", async (type) => {
  const file = join(sshd.dir, `locked_${type}`)
  await makeKey(file, type, "correct horse")
  const privateKey = await readFile(file, "utf8")
  await expect(sshd.connect({ credentials: { privateKey } })).rejects.toMatchObject({
    reason: "InvalidKey",
    message: "read private key: it is encrypted and no passphrase is given",
  })
  const wrong = { privateKey, passphrase: "wrong horse" }
  await expect(sshd.connect({ credentials: wrong })).rejects.toMatchObject({
    reason: "InvalidKey",
    message: "read private key: the passphrase does not open it",
  })
  const known = await readFile(join(sshd.dir, "authorized_keys"), "utf8")
  await writeFile(
    join(sshd.dir, "authorized_keys"),
    known + (await readFile(`${file}.pub`, "utf8")),
  )
  const host = await sshd.connect({ credentials: { privateKey, passphrase: "correct horse" } })
  expect((await host.run("echo in", { timeoutMs: 10_000 })).stdout).toBe("in\n")
  host.close()
})

test.each([
  ["ed25519", generateKeyPairSync("ed25519").privateKey],
  ["rsa", generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey],
  ["ec", generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey],
])("an %s key as OpenSSL writes it is read, encrypted or not", async (type, key) => {
  const plain = key.export({ type: "pkcs8", format: "pem" }).toString()
  const cipher = "aes-256-cbc"
  const passphrase = "correct horse"
  const locked = key.export({ type: "pkcs8", format: "pem", cipher, passphrase }).toString()
  const known = join(sshd.dir, "authorized_keys")
  const read = await readPrivateKey({ privateKey: plain })
  const line = `${read.type} ${read.getPublicSSH().toString("base64")} ${type}\n`
  await writeFile(known, (await readFile(known, "utf8")) + line)
  for (const credentials of [{ privateKey: plain }, { privateKey: locked, passphrase }]) {
    const host = await sshd.connect({ credentials })
    expect((await host.run("echo in", { timeoutMs: 60_000 })).stdout).toBe("in\n")
    host.close()
  }
  const wrong = { privateKey: locked, passphrase: "wrong" }
  await expect(sshd.connect({ credentials: wrong })).rejects.toMatchObject({
    reason: "InvalidKey",
    message: "read private key: the passphrase does not open it",
  })
})

/** One wrong passphrase in 250 decrypts to bytes with sound padding that are no key. */
test("a wrong passphrase is named when it seems to fit, too", async () => {
  const privateKey = `-----BEGIN ENCRYPTED PRIVATE KEY-----
MIGjMF8GCSqGSIb3DQEFDTBSMDEGCSqGSIb3DQEFDDAkBBAOD3VQh+0reJW3rHb8
qHDNAgIIADAMBggqhkiG9w0CCQUAMB0GCWCGSAFlAwQBKgQQIYWJJh6+tXsBQdVW
ol1KxARA9VUDKMWMO/xMOTVniuD4uu9zVZ1rFEgovvh+vtQozlvsQAvokI1KhgmB
CLYAswNWzhmie6HnTDX6BrjntR3jcQ==
-----END ENCRYPTED PRIVATE KEY-----`
  const seeming = { privateKey, passphrase: "wrong horse 24" }
  await expect(readPrivateKey(seeming)).rejects.toMatchObject({
    reason: "InvalidKey",
    message: "read private key: the passphrase does not open it",
  })
})

test.each([
  ["empty text", ""],
  ["no key", "hello"],
  ["a damaged key", "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----"],
  [
    "a public key",
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGyNlkxhS0FZ8aYzYV4IgKCbJmyqDvSLGBSFOEnMQ1Qy x",
  ],
])("%s is an invalid key", async (_what, privateKey) => {
  await expect(sshd.connect({ credentials: { privateKey } })).rejects.toMatchObject({
    reason: "InvalidKey",
  })
})

test("a closed port is an unreachable host", async () => {
  const { server, port } = await listen(() => {})
  await new Promise((resolve) => server.close(resolve))
  await expect(sshd.connect({ address: { ...sshd.address, port } })).rejects.toMatchObject({
    reason: "HostUnreachable",
  })
})

test("a server that accepts and says nothing is given up in time", async () => {
  const sockets: Socket[] = []
  const { server, port } = await listen((socket) => sockets.push(socket))
  const silent = sshd.connect({ address: { ...sshd.address, port }, connectTimeoutMs: 200 })
  await expect(silent).rejects.toMatchObject({ reason: "HostUnreachable" })
  for (const socket of sockets) socket.destroy()
  server.close()
})

test("a server that is there but slow is given more time", async () => {
  const greeted = Promise.withResolvers<void>()
  const awake = Promise.withResolvers<void>()
  const { server, port } = await listen((near) => {
    const far = connectTcp(sshd.address.port, "127.0.0.1")
    far.on("error", () => near.destroy())
    near.on("error", () => far.destroy())
    near.once("readable", () => greeted.resolve())
    void awake.promise.then(() => near.pipe(far).pipe(near))
  })
  const clock = new FakeClock()
  const slow = { address: { ...sshd.address, port }, connectTimeoutMs: 20_000, clock }
  const connecting = sshd.connect(slow)
  await greeted.promise
  clock.advance(59_000)
  awake.resolve()
  const host = await connecting
  host.close()
  server.close()
})

test("a host that allows one session at a time is worked with", async () => {
  const strict = await TestSshd.start({ config: ["MaxSessions 1"] })
  const host = await strict.connect()
  const holder = newHolder()
  await start(host, { ...holder, content: commandPlan({ one: "echo one" }) })
  expect((await settle(host, holder)).status.state).toBe("succeeded")
  const scripts = [1, 2, 3].map((count) => host.run(`echo ${count}`, { timeoutMs: 60_000 }))
  const answers = await Promise.all(scripts)
  expect(answers.map(({ stdout }) => stdout)).toEqual(["1\n", "2\n", "3\n"])
  host.close()
  await strict.stop()
})

test("a server that speaks something else is an unreachable host", async () => {
  const { server, port } = await listen((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"))
  await expect(sshd.connect({ address: { ...sshd.address, port } })).rejects.toMatchObject({
    reason: "HostUnreachable",
  })
  server.close()
})

test("an aborted connect ends with the reason of the abort", async () => {
  const { server, port } = await listen(() => {})
  const reason = new Error("not wanted any more")
  const aborter = new AbortController()
  const connecting = sshd.connect({ address: { ...sshd.address, port }, signal: aborter.signal })
  aborter.abort(reason)
  await expect(connecting).rejects.toBe(reason)
  server.close()
})

test("a link that goes silent is noticed, and what was running ends with HostUnreachable", async () => {
  let frozen = false
  const pairs: Socket[] = []
  const { server, port } = await listen((near) => {
    const far = connectTcp(sshd.address.port, "127.0.0.1")
    pairs.push(near, far)
    near.on("data", (chunk) => void (frozen || far.write(chunk)))
    far.on("data", (chunk) => void (frozen || near.write(chunk)))
    near.on("error", () => far.destroy())
    near.on("close", () => far.destroy())
  })
  const host = await sshd.connect({ address: { ...sshd.address, port }, keepaliveMs: 100 })
  const running = host.run("sleep 600", { timeoutMs: 600_000 })
  frozen = true
  await expect(running).rejects.toMatchObject({ reason: "HostUnreachable" })
  expect(host.closed.aborted).toBe(true)
  await expect(host.run("true", { timeoutMs: 1000 })).rejects.toMatchObject({
    reason: "HostUnreachable",
  })
  for (const socket of pairs) socket.destroy()
  server.close()
})

test("a hundred connections at once all work", async () => {
  const hosts = await Promise.all(
    Array.from({ length: 100 }, () => sshd.connect({ connectTimeoutMs: 120_000 })),
  )
  const answers = await Promise.all(
    hosts.map((host, index) => host.run(`echo ${index}`, { timeoutMs: 60_000 })),
  )
  expect(answers.map(({ stdout }) => stdout)).toEqual(hosts.map((_, index) => `${index}\n`))
  for (const host of hosts) host.close()
})

const sudoHost = existsSync("/usr/bin/sudo")

async function asPlainUser<T>(
  options: { shell?: string; sudoers?: string[]; useSudo: boolean },
  use: (host: TestSshd, open: () => ReturnType<typeof connect>) => Promise<T>,
): Promise<T> {
  const { shell = "/bin/sh", sudoers = ["root ALL=(ALL) ALL"], useSudo } = options
  const host = await TestSshd.start({ plainUser: { shell, sudoers } })
  const address = { ...host.address, user: "plain", useSudo }
  try {
    return await use(host, () => host.connect({ address }))
  } finally {
    await host.stop()
  }
}

test("a plain user without sudo is told that root is needed", async () => {
  await asPlainUser({ useSudo: false }, async (_, open) => {
    await expect(open()).rejects.toMatchObject({ reason: "SudoRequired" })
  })
})

test("a sudo that asks for a password is told apart from a lost host", async () => {
  await asPlainUser({ useSudo: true }, async (_, open) => {
    await expect(open()).rejects.toMatchObject({
      reason: "SudoRequired",
      message: expect.stringMatching(/become root on plain@127.0.0.1:\d+: .*(password|sudo)/),
    })
  })
})

test.skipIf(!sudoHost)("a sudo that is taken away later is named as such", async () => {
  const allowed = "plain ALL=(ALL) NOPASSWD: ALL"
  await asPlainUser({ sudoers: [allowed], useSudo: true }, async (sshd, open) => {
    const host = await open()
    await writeFile(join(sshd.dir, "sudoers"), "root ALL=(ALL) ALL\n")
    await expect(host.run("true", { timeoutMs: 60_000 })).rejects.toMatchObject({
      reason: "SudoRequired",
      message: expect.stringContaining("become root on plain@127.0.0.1"),
    })
    host.close()
  })
})

test("an account without a shell is named as such", async () => {
  await asPlainUser({ shell: "/usr/sbin/nologin", useSudo: true }, async (_, open) => {
    await expect(open()).rejects.toMatchObject({
      reason: "HostUnsupported",
      message: expect.stringContaining("not available"),
    })
  })
})

test.skipIf(!sudoHost)("sudo covers redirects, pipes and compound commands", async () => {
  const sudoers = ["root ALL=(ALL) ALL", "plain ALL=(ALL) NOPASSWD: ALL"]
  await asPlainUser({ shell: "/bin/bash", sudoers, useSudo: true }, async (sshd, open) => {
    await writeFile(join(sshd.dir, "home/.bashrc"), "echo noise; echo more noise >&2\n")
    const host = await open()
    const target = join(sshd.dir, "only-root")
    const script = `id -u >${target} && { id -u | cat >>${target}; }; cat ${target}; id -un >&2`
    const result = await host.run(script, { timeoutMs: 10_000 })
    expect(result).toMatchObject({ exitCode: 0, stdout: "0\n0\n", stderr: "root\n" })
    await host.upload(`${target}.d/file`, "x", { mode: "0640", owner: "plain" })
    const stat = await host.run(`stat -c '%a %U %G' ${target}.d/file`, { timeoutMs: 10_000 })
    expect(stat.stdout).toBe("640 plain root\n")
    host.close()
  })
})
