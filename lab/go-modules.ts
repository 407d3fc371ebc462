import { createHash } from "node:crypto"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"

export const kubernetesVersion = "v1.34.4"
export const etcdVersion = "3.6.5"
export const coreDnsVersion = "v1.12.1"
export const flannelVersion = "v0.28.4"
export const pauseVersion = "3.10.1"
/** The kubectls beside that of `kubernetesVersion`, by the name of their programs. */
export const kubectlVersions = {
  "kubectl-1.32": "v1.32.3",
  "kubectl-1.33": "v1.33.13",
  "kubectl-1.35": "v1.35.10",
  "kubectl-1.36": "v1.36.6",
} as const
const containerdVersion = "v2.3.3"
const runcVersion = "1.4.0"

/** A pinned Go module under lab/go, and the programs that are built from it. */
export interface GoModule {
  readonly name: string
  /** Program name to Go package. */
  readonly programs: Readonly<Record<string, string>>
  readonly linkerFlags: readonly string[]
  readonly tags?: readonly string[] | undefined
  /** Needs a C compiler; the result is static all the same. */
  readonly cgo?: boolean | undefined
}

/** What Kubernetes' programs are told when they are linked, so that they know their version. */
function versionFlags(version: string): string[] {
  const [major, minor] = version.slice(1).split(".")
  return ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"].flatMap((path) => [
    `-X ${path}.gitVersion=${version}`,
    `-X ${path}.gitMajor=${major}`,
    `-X ${path}.gitMinor=${minor}`,
    `-X ${path}.gitTreeState=clean`,
  ])
}

function kubernetesProgram(name: string): [string, string] {
  return [name, `k8s.io/kubernetes/cmd/${name}`]
}

function kubectlModule([program, version]: [string, string]): GoModule {
  return { name: program, programs: { [program]: "." }, linkerFlags: versionFlags(version) }
}

/** In the order in which tests want them: kubectl and etcd first, the long rest after. */
export const goModules: readonly GoModule[] = [
  {
    name: "etcd",
    programs: {
      etcd: "go.etcd.io/etcd/server/v3",
      etcdctl: "go.etcd.io/etcd/etcdctl/v3",
    },
    linkerFlags: [],
  },
  {
    name: "kubernetes",
    programs: Object.fromEntries(
      [
        "kubectl",
        "kube-apiserver",
        "kubelet",
        "kubeadm",
        "kube-controller-manager",
        "kube-scheduler",
        "kube-proxy",
      ].map(kubernetesProgram),
    ),
    linkerFlags: versionFlags(kubernetesVersion),
  },
  {
    name: "containerd",
    programs: {
      containerd: "github.com/containerd/containerd/v2/cmd/containerd",
      "containerd-shim-runc-v2": "github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2",
      ctr: "github.com/containerd/containerd/v2/cmd/ctr",
    },
    linkerFlags: [`-X github.com/containerd/containerd/v2/version.Version=${containerdVersion}`],
  },
  {
    name: "runc",
    programs: { runc: "github.com/opencontainers/runc" },
    linkerFlags: [`-X main.version=${runcVersion}`, "-linkmode external", "-extldflags -static"],
    tags: ["seccomp", "netgo", "osusergo"],
    cgo: true,
  },
  {
    name: "cni",
    programs: {
      bridge: "github.com/containernetworking/plugins/plugins/main/bridge",
      "host-local": "github.com/containernetworking/plugins/plugins/ipam/host-local",
      loopback: "github.com/containernetworking/plugins/plugins/main/loopback",
      portmap: "github.com/containernetworking/plugins/plugins/meta/portmap",
    },
    linkerFlags: [],
  },
  { name: "flannel", programs: { flanneld: "." }, linkerFlags: [] },
  { name: "image", programs: { pause: "./pause", testpod: "./testpod" }, linkerFlags: [] },
  {
    name: "coredns",
    programs: { coredns: "github.com/coredns/coredns" },
    linkerFlags: [],
  },
  ...Object.entries(kubectlVersions).map(kubectlModule),
]

export const goModulesDirectory = join(import.meta.dirname, "go")

/** The arguments of `go build` for a module, without output and package. */
export function goBuildFlags(module: GoModule): string[] {
  const flags = ["-trimpath", "-ldflags", ["-s -w", ...module.linkerFlags].join(" ")]
  return module.tags === undefined ? flags : [...flags, "-tags", module.tags.join(" ")]
}

/** A key that changes with anything that decides a module's programs: its files and build flags. */
export function goModuleKey(module: GoModule): string {
  const hash = createHash("sha256")
  const directory = join(goModulesDirectory, module.name)
  const files = readdirSync(directory, { recursive: true, encoding: "utf8" })
    .filter((file) => /(\.go|^go\.mod|^go\.sum)$/.test(file))
    .sort()
  for (const file of files) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(directory, file)))
      .update("\0")
  }
  const { name, programs, cgo } = module
  hash.update(JSON.stringify([name, programs, goBuildFlags(module), cgo ?? false, process.arch]))
  return hash.digest("hex").slice(0, 16)
}
