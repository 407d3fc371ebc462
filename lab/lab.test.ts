import { execFile } from "node:child_process"
import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { parseAllDocuments } from "yaml"
import { parseLabCommand, UsageError } from "./arguments.ts"
import { tryCommand, runCommand } from "./command.ts"
import { containerImages, flannelImage } from "./container-images.ts"
import {
  coreDnsVersion,
  etcdVersion,
  flannelVersion,
  goModuleKey,
  goModules,
  goModulesDirectory,
  kubectlVersions,
  kubernetesVersion,
} from "./go-modules.ts"
import { labNetwork, machineAddress } from "./host.ts"
import { withLock } from "./lock.ts"
import { Lab } from "./machines.ts"
import { labBinary, labCache, labDirectory } from "./paths.ts"

let directory = ""

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "lab-test-"))
})

afterEach(async () => {
  await rm(directory, { recursive: true, force: true })
})

describe("the command line", () => {
  test("brings up one prepared machine unless told otherwise", () => {
    expect(parseLabCommand(["up"])).toEqual({
      command: "up",
      machines: 1,
      names: [],
      image: "prepared",
    })
  })

  test("brings up only named machines when names are given", () => {
    expect(parseLabCommand(["up", "--name", "a", "--name", "b", "--image", "plain"])).toEqual({
      command: "up",
      machines: 0,
      names: ["a", "b"],
      image: "plain",
    })
  })

  test.each([
    [["up", "--machines", "many"]],
    [["up", "--image", "other"]],
    [["up", "--unknown"]],
    [["machine", "explode", "m1"]],
    [["machine", "stop"]],
    [["dance"]],
  ])("refuses %j", (argv) => {
    expect(() => parseLabCommand(argv)).toThrow(UsageError)
  })

  test("shows its usage without a command", () => {
    expect(parseLabCommand([])).toEqual({ command: "help" })
  })

  test("answers status --json with no machines while no lab is up", async () => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [join(import.meta.dirname, "main.ts"), "status", "--json"],
      { env: { ...process.env, LAB_DIR: directory } },
    )
    expect(JSON.parse(stdout)).toEqual({
      machines: [],
      sshKey: join(directory, "ssh", "id_ed25519"),
    })
  })
})

describe("the cache", () => {
  test("lies outside the checkout, where the environment says", () => {
    expect(labCache({ LAB_CACHE: "/a" })).toBe("/a")
    expect(labCache({ XDG_CACHE_HOME: "/b" })).toBe("/b/mothership-lab")
    expect(labDirectory({ LAB_CACHE: "/a" })).toBe("/a/default")
    expect(labDirectory({ LAB_CACHE: "/a", LAB_DIR: "/c" })).toBe("/c")
  })

  test("keeps each module's programs under a key of its own that follows its build flags", () => {
    const keys = goModules.map(goModuleKey)
    expect(new Set(keys).size).toBe(goModules.length)
    const [module] = goModules
    if (module === undefined) throw new Error("no modules")
    expect(goModuleKey(module)).toBe(keys[0])
    expect(goModuleKey({ ...module, linkerFlags: ["-X a=b"] })).not.toBe(keys[0])
  })

  test("pins in each go.mod the versions that images and manifests name", async () => {
    const pinned = new Map<string, string>()
    for (const { name } of goModules) {
      const text = await readFile(join(goModulesDirectory, name, "go.mod"), "utf8")
      for (const [, path, version] of text.matchAll(/^(?:require|\t)\s*(\S+) (v\S+)/gm)) {
        if (path !== undefined && version !== undefined) pinned.set(`${name} ${path}`, version)
      }
    }
    expect(pinned.get("kubernetes k8s.io/kubernetes")).toBe(kubernetesVersion)
    expect(pinned.get("etcd go.etcd.io/etcd/server/v3")).toBe(`v${etcdVersion}`)
    expect(pinned.get("coredns github.com/coredns/coredns")).toBe(coreDnsVersion)
    expect(pinned.get("flannel github.com/flannel-io/flannel")).toBe(flannelVersion)
    for (const [name, version] of Object.entries(kubectlVersions)) {
      expect(pinned.get(`${name} k8s.io/kubectl`)).toBe(version.replace("v1.", "v0."))
    }
  })

  test("refuses to look for a program that no module builds", () => {
    expect(() => labBinary("emacs")).toThrow("no module of the lab builds it")
  })

  test("has a module for every program that an image holds", () => {
    for (const image of containerImages) {
      for (const program of Object.values(image.programs)) {
        expect(() => labBinary(program)).not.toThrow()
      }
    }
  })
})

describe("the flannel manifest", () => {
  test("runs the image that the lab makes, and its network configuration is JSON", async () => {
    const file = join(import.meta.dirname, "../manifests/flannel.yaml")
    const documents = parseAllDocuments(await readFile(file, "utf8")).map(
      (document) => document.toJS() as Record<string, unknown>,
    )
    const daemonSet = documents.find((object) => object.kind === "DaemonSet")
    const images = JSON.stringify(daemonSet).match(/"image":"[^"]+"/g)
    expect(new Set(images)).toEqual(new Set([`"image":"${flannelImage}"`]))
    const configMap = documents.find((object) => object.kind === "ConfigMap") as {
      data: Record<string, string>
    }
    expect(JSON.parse(configMap.data["net-conf.json"] ?? "")).toEqual({
      Network: "10.244.0.0/16",
      Backend: { Type: "vxlan" },
    })
    const script = configMap.data["write-cni-conf.sh"] ?? ""
    expect(await tryCommand(["sh", "-n"], { input: script })).toEqual({
      code: 0,
      stdout: "",
      stderr: "",
    })
  })
})

describe("a lab", () => {
  test("that is down has no machines to use, and going down again is no error", async () => {
    const lab = new Lab(directory)
    expect(lab.status().machines).toEqual([])
    await expect(lab.stop("m1")).rejects.toThrow("none is up")
    await lab.down()
    await lab.down()
  })

  test("refuses machine names that cannot be host names", async () => {
    await expect(new Lab(directory).up({ names: ["../x"] })).rejects.toThrow("bad name")
  })

  test("gives every machine an address in its own subnet and refuses to leave it", () => {
    expect(machineAddress(labNetwork(3), 0)).toBe("10.88.3.10")
    expect(() => machineAddress(labNetwork(3), 241)).toThrow("room for 240")
  })
})

describe("a lock", () => {
  test("lets one holder in at a time", async () => {
    const lock = join(directory, "lock")
    const events: string[] = []
    await Promise.all(
      ["a", "b"].map((name) =>
        withLock(lock, async () => {
          events.push(`${name} in`)
          await new Promise((resolve) => setImmediate(resolve))
          events.push(`${name} out`)
        }),
      ),
    )
    expect([events.slice(0, 2), events.slice(2)].map((pair) => pair.join(", ")).sort()).toEqual([
      "a in, a out",
      "b in, b out",
    ])
  })

  test("of a process that died is taken over", async () => {
    const lock = join(directory, "lock")
    await runCommand(["sh", "-c", `echo $$ > ${lock}`])
    await expect(withLock(lock, () => "in")).resolves.toBe("in")
  })
})

test("a failing command's error carries the end of its output", async () => {
  await expect(runCommand(["sh", "-c", "echo why >&2; exit 3"])).rejects.toThrow(/exit 3\nwhy/)
})
