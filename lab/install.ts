import { tryCommand, runCommand } from "./command.ts"

/** Debian packages that building the lab and running its machines takes. */
const packages = [
  "busybox-static",
  "ca-certificates",
  "conntrack",
  "debootstrap",
  "dpkg-dev",
  "gcc",
  "iproute2",
  "iptables",
  "libc6-dev",
  "libseccomp-dev",
  "nftables",
  "openssh-client",
  "pkg-config",
  "systemd-container",
]

/** The oldest Go that builds every module; a newer one is fetched by Go itself if it may. */
const goFloor = "1.21"

/** Installs what is missing. Needs root on Debian 12 or newer. */
export async function installPackages(report: (line: string) => void): Promise<void> {
  const missing: string[] = []
  for (const name of packages) {
    const { stdout } = await tryCommand(["dpkg-query", "-W", "-f=${db:Status-Status}", name])
    if (stdout !== "installed") missing.push(name)
  }
  if (missing.length === 0) {
    report("all packages are installed")
  } else {
    report(`installing ${missing.join(" ")}`)
    const env = { DEBIAN_FRONTEND: "noninteractive" }
    await runCommand(["apt-get", "update"], { env })
    await runCommand(["apt-get", "install", "-y", "--no-install-recommends", ...missing], { env })
  }
  const go = await tryCommand(["go", "env", "GOVERSION"]).catch(() => undefined)
  const version = /^go(\d+)\.(\d+)/.exec(go?.stdout ?? "")
  if (version === null || Number(version[1]) * 1000 + Number(version[2]) < 1021) {
    throw new Error(
      `install lab: Go ${goFloor} or newer is needed in PATH (go.dev/dl); Debian 12's own is too old`,
    )
  }
  report(`Go is ${go?.stdout.trim()}`)
}
