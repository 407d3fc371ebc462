import { chmod, mkdir, readFile, writeFile } from "node:fs/promises"
import { execFileSync } from "node:child_process"
import { join } from "node:path"

import { afterAll, beforeAll, expect, test, vi } from "vitest"

import { missingCommands } from "./facts.ts"
import type { Host } from "./host.ts"
import { loaderCommand, loaderInput } from "./remote-shell.ts"
import { describesSameMachine, isSameMachine } from "./same-machine.ts"
import { TestSshd } from "./testing/index.ts"

// Real processes on a machine that may be busy with other tests.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

let sshd: TestSshd
let host: Host

beforeAll(async () => {
  sshd = await TestSshd.start()
  host = await sshd.connect()
})
afterAll(async () => {
  host.close()
  await sshd.stop()
})

const limits = { timeoutMs: 120_000 }
const everyByte = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))

test("a script has its own standard input, streams and exit code", async () => {
  const result = await host.run('read -r first; echo "$first"; cat >&2; exit 7', {
    ...limits,
    stdin: "one\ntwo 'quoted' $HOME `id`\n",
  })
  expect(result).toMatchObject({
    exitCode: 7,
    stdout: "one\n",
    stderr: "two 'quoted' $HOME `id`\n",
  })
})

test("a script without input reads an empty one", async () => {
  expect((await host.run("cat; echo end", limits)).stdout).toBe("end\n")
})

test("a script may hold anything that a shell script may", async () => {
  const script = `cat <<'END'\n$not "expanded" \\ 'here' !\nEND\nprintf '%s\\n' "a\\tb" é`
  expect((await host.run(script, limits)).stdout).toBe("$not \"expanded\" \\ 'here' !\na\\tb\né\n")
})

test("neither a script nor its input shows in a process list", async () => {
  const result = await host.run("s3cret=abcdef; cat /proc/$$/cmdline /proc/$PPID/cmdline", {
    ...limits,
    stdin: "hidden",
  })
  expect(result.stdout).toContain("while IFS= read -r l")
  expect(result.stdout).not.toContain("s3cret")
})

test("a script that is killed answers as a shell would say it", async () => {
  expect((await host.run("kill -9 $$", limits)).exitCode).toBe(137)
})

test("a script that takes too long ends with HostTimeout, and the connection stays", async () => {
  await expect(host.run("sleep 600", { timeoutMs: 100 })).rejects.toMatchObject({
    reason: "HostTimeout",
  })
  expect((await host.run("echo still", limits)).stdout).toBe("still\n")
})

test("of much output the end is kept", async () => {
  const script = "head -c 3000000 /dev/zero | tr '\\0' x; echo end"
  const result = await host.run(script, { ...limits, maxOutputBytes: 1000 })
  expect(result.truncated).toBe(true)
  expect(result.stdout).toHaveLength(1000)
  expect(result.stdout.endsWith("xxxend\n")).toBe(true)
})

test("more scripts at once than sshd allows sessions wait for each other", async () => {
  const results = await Promise.all(
    Array.from({ length: 24 }, (_, index) => host.run(`echo ${index}`, limits)),
  )
  expect(results.map(({ stdout }) => stdout)).toEqual(results.map((_, index) => `${index}\n`))
})

test("half a script, after a lost connection, is not run", async () => {
  const command = loaderCommand("mark0", false).replace("exec sh -c ", "").slice(1, -1)
  const target = join(sshd.dir, "half")
  const whole = loaderInput("mark0", `echo first >${target}\necho second >>${target}`)
  const runWith = (input: string): void => {
    execFileSync("sh", ["-c", command], { input, stdio: ["pipe", "ignore", "ignore"] })
  }
  for (const lost of [1, 6, 7, 30]) expect(() => runWith(whole.slice(0, -lost))).toThrow(/failed/)
  await expect(readFile(target)).rejects.toThrow("ENOENT")
  runWith(whole)
  expect(await readFile(target, "utf8")).toBe("first\nsecond\n")
})

test("an uploaded file has every byte, its mode, and private parents under our root only", async () => {
  const ours = join(host.layout.rootDir, "deep/er/file")
  const theirs = join(sshd.dir, "theirs/file")
  await host.upload(ours, everyByte, { mode: "0600" })
  await host.upload(theirs, everyByte, { mode: "0755", owner: "root:root" })
  expect(await readFile(ours)).toEqual(everyByte)
  expect(await readFile(theirs)).toEqual(everyByte)
  const script = `stat -c %a ${ours} ${ours}/.. ${theirs} ${theirs}/.. 2>/dev/null; cd ${sshd.dir}; stat -c %a root/deep root/deep/er theirs`
  expect((await host.run(script, limits)).stdout).toBe("600\n755\n700\n700\n755\n")
})

test("a path may hold quotes, line breaks, blanks and dashes", async () => {
  const path = join(sshd.dir, '-it\'s "odd"\n$(touch pwned) `id`\n', " -f\n")
  await host.upload(path, "content", { mode: "0644" })
  expect(await readFile(path, "utf8")).toBe("content")
})

test("a stream is uploaded whole or not at all", async () => {
  const path = join(sshd.dir, "streamed")
  const stream = (count: number) =>
    (async function* () {
      for (let index = 0; index < count; index += 1) yield Buffer.alloc(100_000, index)
    })()
  const sent: number[] = []
  const progress = (sentBytes: number): void => void sent.push(sentBytes)
  const whole = { stream: stream(30), sizeBytes: 3_000_000 }
  await host.upload(path, whole, { mode: "0600", progress })
  expect(sent.at(-1)).toBe(3_000_000)
  const before = await readFile(path)
  expect(before).toHaveLength(3_000_000)
  const short = host.upload(path, { stream: stream(29), sizeBytes: 3_000_000 }, { mode: "0600" })
  await expect(short).rejects.toThrow("received 2900000 of 3000000 bytes")
  const sha256 = "0".repeat(64)
  const other = { stream: stream(1), sizeBytes: 100_000, sha256 }
  await expect(host.upload(path, other, { mode: "0600" })).rejects.toThrow(/sha256 is .*, not 0000/)
  expect(await readFile(path)).toEqual(before)
  expect((await host.run(`ls -A ${sshd.dir} | grep upload`, limits)).stdout).toBe("")
})

test("a full disk is named, and leaves the file that was there", async () => {
  const disk = join(sshd.dir, "tiny")
  await mkdir(disk)
  await host.run(`mount -t tmpfs -o size=256k tmpfs ${disk}`, limits)
  try {
    await host.upload(`${disk}/file`, "before", { mode: "0600" })
    const upload = host.upload(`${disk}/file`, Buffer.alloc(4_000_000), { mode: "0600" })
    await expect(upload).rejects.toMatchObject({
      reason: "DiskFull",
      message: expect.stringContaining("No space left on device"),
    })
    expect(await readFile(`${disk}/file`, "utf8")).toBe("before")
    expect((await host.run(`ls -A ${disk}`, limits)).stdout).toBe("file\n")
  } finally {
    await host.run(`umount ${disk}`, limits)
  }
})

test("an upload onto a directory or with an unknown owner says so", async () => {
  const onDirectory = host.upload(sshd.dir, "x", { mode: "0600" })
  await expect(onDirectory).rejects.toThrow("is a directory")
  const path = join(sshd.dir, "owned")
  const unknown = host.upload(path, "x", { mode: "0600", owner: "nobody-here" })
  await expect(unknown).rejects.toThrow("invalid user")
  await expect(host.upload("relative", "x", { mode: "0600" })).rejects.toThrow("absolute")
})

test("facts are those of the machine, and say that it is our own", async () => {
  const facts = await host.facts()
  const text = (path: string): Promise<string> => readFile(path, "utf8").then((t) => t.trim())
  expect(facts).toMatchObject({
    hostname: await text("/proc/sys/kernel/hostname"),
    kernel: await text("/proc/sys/kernel/osrelease"),
    bootId: await text("/proc/sys/kernel/random/boot_id"),
    owner: undefined,
    statePaths: [],
  })
  expect(facts.architecture).toBe(process.arch === "x64" ? "amd64" : process.arch)
  expect(facts.memoryBytes).toBeGreaterThan(100_000_000)
  expect(facts.cpus).toBeGreaterThan(0)
  expect(facts.operatingSystem.id).not.toBe("")
  expect(await isSameMachine(facts)).toBe(true)
})

test("facts show kubelet state", async () => {
  const path = join(sshd.dir, "host/etc/kubernetes/kubelet.conf")
  await mkdir(join(path, ".."), { recursive: true })
  await writeFile(path, "x")
  expect((await host.facts()).statePaths).toEqual([path])
})

test.each([
  ["the same machine", { machineId: "a", bootId: "1" }, true],
  ["a clone with the same machine id", { machineId: "a", bootId: "2" }, false],
  ["a container on the same kernel", { machineId: "b", bootId: "1" }, false],
  ["a host without a machine id on the same kernel", { machineId: "", bootId: "1" }, true],
  ["a host that says nothing", { machineId: "a", bootId: "" }, false],
])("%s is told apart", (_what, other, same) => {
  expect(describesSameMachine(other, { machineId: "a", bootId: "1" })).toBe(same)
})

test("commands that are missing are named", async () => {
  const names = ["sh", "no-such-command", "cat", "it's"]
  expect(await missingCommands(host, names)).toEqual(["no-such-command", "it's"])
  expect(await missingCommands(host, [])).toEqual([])
})

test("a login shell that talks does not disturb an answer", async () => {
  const noisy = join(sshd.dir, "noisy")
  await writeFile(
    noisy,
    '#!/bin/sh\necho welcome; echo motd >&2\nexec sh -c "$SSH_ORIGINAL_COMMAND"\n',
  )
  await chmod(noisy, 0o755)
  const talking = await TestSshd.start({ config: [`ForceCommand ${noisy}`] })
  const quiet = await talking.connect()
  const result = await quiet.run("echo answer; echo error >&2", limits)
  expect(result).toMatchObject({ stdout: "answer\n", stderr: "error\n" })
  quiet.close()
  await talking.stop()
})
