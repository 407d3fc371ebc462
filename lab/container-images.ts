import {
  coreDnsVersion,
  etcdVersion,
  flannelVersion,
  kubernetesVersion,
  pauseVersion,
} from "./go-modules.ts"

/** What a lab's container image holds, and what kubeadm or a manifest calls it. */
export interface ContainerImage {
  /** File name of its archive, without the ending. */
  readonly name: string
  readonly reference: string
  /** Path in the image to the name of a program that the lab builds. */
  readonly programs: Readonly<Record<string, string>>
  /** Add a shell with the common tools. */
  readonly shell?: boolean | undefined
  /** Add iptables, nft, conntrack and ip, with the libraries they load. */
  readonly packetFilters?: boolean | undefined
  readonly entrypoint?: readonly string[] | undefined
  /** Only control-plane machines run it. */
  readonly controlPlaneOnly?: boolean | undefined
}

/** The image of the lab's test pod: `testpod serve`, `testpod get URL`, and a shell. */
export const testPodImage = "mothership.dev/lab/testpod:v1"

/** The image the flannel manifest names. */
export const flannelImage = `ghcr.io/flannel-io/flannel:${flannelVersion}`

function kubernetesImage(program: string): ContainerImage {
  return {
    name: program,
    reference: `registry.k8s.io/${program}:${kubernetesVersion}`,
    programs: { [`/usr/local/bin/${program}`]: program },
    controlPlaneOnly: true,
  }
}

export const containerImages: readonly ContainerImage[] = [
  {
    name: "pause",
    reference: `registry.k8s.io/pause:${pauseVersion}`,
    programs: { "/pause": "pause" },
    entrypoint: ["/pause"],
  },
  kubernetesImage("kube-apiserver"),
  kubernetesImage("kube-controller-manager"),
  kubernetesImage("kube-scheduler"),
  {
    ...kubernetesImage("kube-proxy"),
    packetFilters: true,
    shell: true,
    controlPlaneOnly: false,
  },
  {
    name: "etcd",
    reference: `registry.k8s.io/etcd:${etcdVersion}-0`,
    programs: { "/usr/local/bin/etcd": "etcd", "/usr/local/bin/etcdctl": "etcdctl" },
    controlPlaneOnly: true,
  },
  {
    name: "coredns",
    reference: `registry.k8s.io/coredns/coredns:${coreDnsVersion}`,
    programs: { "/coredns": "coredns" },
    entrypoint: ["/coredns"],
  },
  {
    name: "flannel",
    reference: flannelImage,
    programs: { "/opt/bin/flanneld": "flanneld" },
    entrypoint: ["/opt/bin/flanneld"],
    packetFilters: true,
    shell: true,
  },
  {
    name: "testpod",
    reference: testPodImage,
    programs: { "/usr/local/bin/testpod": "testpod" },
    entrypoint: ["/usr/local/bin/testpod"],
    shell: true,
  },
]
