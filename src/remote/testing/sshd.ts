import { type ChildProcess, execFile, spawn } from "node:child_process"
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { connect as connectTcp, createServer } from "node:net"
import { tmpdir, userInfo } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"

import { silentLogger, systemClock } from "#base"

import { connect, type ConnectOptions } from "../connect.ts"
import { defaultHostLayout, type Host, type HostAddress, type HostLayout } from "../host.ts"
import { quote } from "../shell-quote.ts"

const run = promisify(execFile)

export interface TestSshdOptions {
  /**
   * Adds the user `plain`, who is not root; `sudoers` are lines that say what sudo allows. Needs
   * root.
   */
  readonly plainUser?: { readonly shell: string; readonly sudoers: readonly string[] } | undefined
  /** Added to sshd's configuration, such as `SetEnv PATH=…`. */
  readonly config?: readonly string[] | undefined
}

/**
 * A real sshd on a loopback port, with keys of its own. Commands run as the user who runs the
 * tests, on this machine: hand `layout` to `connect`, which keeps them in a temporary directory.
 */
export class TestSshd {
  readonly dir: string
  readonly address: HostAddress
  readonly layout: HostLayout
  readonly privateKey: string
  readonly #options: TestSshdOptions
  #process: ChildProcess | undefined

  private constructor(dir: string, port: number, privateKey: string, options: TestSshdOptions) {
    this.dir = dir
    this.address = { address: "127.0.0.1", port, user: userInfo().username, useSudo: false }
    this.layout = {
      rootDir: join(dir, "root"),
      statePaths: defaultHostLayout.statePaths.map((path) => join(dir, "host", path)),
    }
    this.privateKey = privateKey
    this.#options = options
  }

  static async start(options: TestSshdOptions = {}): Promise<TestSshd> {
    const dir = await mkdtemp(join(tmpdir(), "mothership-sshd-"))
    await chmod(dir, 0o755)
    await makeKey(join(dir, "client"), "ed25519")
    for (const type of ["ed25519", "ecdsa", "rsa"]) await makeKey(join(dir, `host_${type}`), type)
    await copyFile(join(dir, "client.pub"), join(dir, "authorized_keys"))
    const key = await readFile(join(dir, "client"), "utf8")
    for (let tries = 1; ; tries += 1) {
      const sshd = new TestSshd(dir, await freePort(), key, options)
      try {
        await sshd.resume()
        return sshd
      } catch (error) {
        // Somebody else may have taken the port in between.
        await sshd.pause()
        if (tries < 5) continue
        await rm(dir, { recursive: true, force: true })
        throw error
      }
    }
  }

  /**
   * Starts the daemon again on the same port, with the host keys that then lie in its directory.
   */
  async resume(): Promise<void> {
    await mkdir("/run/sshd", { recursive: true, mode: 0o755 })
    const file = join(this.dir, "sshd_config")
    const lines = [
      `ListenAddress 127.0.0.1:${this.address.port}`,
      ...["ed25519", "ecdsa", "rsa"].map((type) => `HostKey ${join(this.dir, `host_${type}`)}`),
      `AuthorizedKeysFile ${join(this.dir, "authorized_keys")}`,
      `PidFile ${join(this.dir, "sshd.pid")}`,
      "StrictModes no",
      "UsePAM no",
      "PasswordAuthentication no",
      "PermitRootLogin yes",
      "MaxStartups 1000",
      ...(this.#options.config ?? []),
    ]
    await writeFile(file, `${lines.join("\n")}\n`)
    const prepare = await this.#prepareUser()
    const command = `${prepare}exec setpriv --pdeathsig TERM /usr/sbin/sshd -D -e -f ${file}`
    const apart = prepare ? `exec unshare --mount sh -c ${quote(command)}` : command
    const child = spawn("sh", ["-c", apart], { stdio: "ignore" })
    this.#process = child
    await new Promise<void>((resolve, reject) => {
      child.once("spawn", () => resolve())
      child.once("error", reject)
    })
    for (;;) {
      if (child.exitCode !== null) throw new Error(`start sshd: exit code ${child.exitCode}`)
      if (await answers(this.address.port)) return
    }
  }

  /** The commands that give sshd its own `/etc/passwd` and `/etc/sudoers`, in a mount namespace. */
  async #prepareUser(): Promise<string> {
    const user = this.#options.plainUser
    if (!user) return ""
    const home = join(this.dir, "home")
    await mkdir(home, { recursive: true, mode: 0o755 })
    const passwd = await readFile("/etc/passwd", "utf8")
    const line = `plain:*:64999:65534:plain:${home}:${user.shell}\n`
    await writeFile(join(this.dir, "passwd"), passwd + line, { mode: 0o644 })
    await writeFile(join(this.dir, "sudoers"), `${user.sudoers.join("\n")}\n`, { mode: 0o440 })
    const binds = ["passwd", "sudoers"].map(
      (name) =>
        `[ ! -e /etc/${name} ] || mount --bind ${join(this.dir, name)} /etc/${name} || exit 1\n`,
    )
    return binds.join("")
  }

  /** Stops listening; connections that stand are not cut. */
  async pause(): Promise<void> {
    const child = this.#process
    this.#process = undefined
    if (!child || child.exitCode !== null) return
    const exited = new Promise((resolve) => child.once("exit", resolve))
    child.kill("SIGTERM")
    await exited
  }

  /** Gives the host new keys; takes effect with the next `resume`. */
  async changeHostKeys(): Promise<void> {
    for (const type of ["ed25519", "ecdsa", "rsa"]) {
      await rm(join(this.dir, `host_${type}`))
      await rm(join(this.dir, `host_${type}.pub`))
      await makeKey(join(this.dir, `host_${type}`), type)
    }
  }

  connect(options: Partial<ConnectOptions> = {}): Promise<Host> {
    return connect({
      address: this.address,
      credentials: { privateKey: this.privateKey },
      hostKey: { kind: "pin-on-first-contact" },
      clock: systemClock,
      log: silentLogger,
      layout: this.layout,
      ...options,
    })
  }

  async stop(): Promise<void> {
    await this.pause()
    await rm(this.dir, { recursive: true, force: true })
  }
}

/** Makes an SSH key pair at `path` and `path.pub`. */
export async function makeKey(path: string, type: string, passphrase = ""): Promise<void> {
  await run("ssh-keygen", ["-q", "-t", type, "-N", passphrase, "-C", "test", "-f", path])
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === "string") throw new Error("find free port: none")
  return address.port
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectTcp(port, "127.0.0.1")
    socket.once("data", () => {
      socket.destroy()
      resolve(true)
    })
    socket.once("error", () => resolve(false))
    socket.once("close", () => resolve(false))
  })
}
