import { s } from "#schema"
import { extraArgs, path } from "./component.shape.ts"

/** `corev1.Taint`. */
export const taint = s.object("One taint.", {
  key: s.string("Taint key."),
  value: s.optional(s.string("Taint value.")),
  effect: s.string("NoSchedule, PreferNoSchedule or NoExecute."),
  timeAdded: s.optional(s.time("When the taint was added.")),
})

export const nodeName = s.string("Name of the Node.", { minLength: 1, maxLength: 253 })

export const ignoredErrors = s.list(
  "Preflight checks whose errors become warnings.",
  path("Name of one check."),
  { minItems: 1, maxItems: 50 },
)

export const imagePullPolicy = s.enum("When kubeadm pulls images.", [
  "Always",
  "IfNotPresent",
  "Never",
])

export const nodeRegistration = s.object(
  "How the Node is registered.",
  {
    name: s.optional(nodeName),
    criSocket: s.optional(path("Socket of the container runtime.")),
    taints: s.optional(
      s.list("Taints of the Node; an empty list means none.", taint, {
        minItems: 0,
        maxItems: 100,
      }),
    ),
    kubeletExtraArgs: s.optional(extraArgs("kubeletExtraArgs")),
    ignorePreflightErrors: s.optional(ignoredErrors),
    imagePullPolicy: s.optional(imagePullPolicy),
    imagePullSerial: s.optional(s.boolean("Whether images are pulled one by one.")),
  },
  { minProperties: 1 },
)

export const localApiEndpoint = s.object(
  "Where the machine's API server listens.",
  {
    advertiseAddress: s.optional(
      s.string("Address that it advertises.", { minLength: 1, maxLength: 39 }),
    ),
    bindPort: s.optional(s.int32("Port that it binds to.", { minimum: 1 })),
  },
  { minProperties: 1 },
)

export const patches = s.object(
  "Patches of the static Pods.",
  { directory: s.optional(path("Directory that holds the patch files.")) },
  { minProperties: 1 },
)

export const skippedPhases = s.list(
  "Phases of kubeadm to leave out.",
  s.string("Name of one phase.", { minLength: 1, maxLength: 256 }),
  { minItems: 1, maxItems: 50 },
)

const seconds = (description: string) => s.optional(s.int32(description, { minimum: 0 }))

const timeouts = s.object(
  "How long kubeadm waits.",
  {
    controlPlaneComponentHealthCheckSeconds: seconds("For a control plane component."),
    kubeletHealthCheckSeconds: seconds("For the kubelet."),
    kubernetesAPICallSeconds: seconds("For a call to the API server."),
    etcdAPICallSeconds: seconds("For a call to etcd."),
    tlsBootstrapSeconds: seconds("For the kubelet's certificate."),
    discoverySeconds: seconds("For the discovery of the cluster."),
  },
  { minProperties: 1 },
)

const tokenWord = s.string("One name.", { minLength: 1, maxLength: 256 })

/** Fields of a bootstrap token that both versions write alike. */
export const bootstrapTokenFields = {
  token: s.string("The token, as `id.secret`.", { minLength: 1, maxLength: 23 }),
  description: s.optional(s.string("What it is for.", { minLength: 1, maxLength: 512 })),
  expires: s.optional(s.time("When it expires.")),
  usages: s.optional(s.list("What it may be used for.", tokenWord, { minItems: 1, maxItems: 100 })),
  groups: s.optional(
    s.list("Groups that its bearer belongs to.", tokenWord, { minItems: 1, maxItems: 100 }),
  ),
}

export const initConfiguration = s.object(
  "The first control plane machine, for `kubeadm init`.",
  {
    bootstrapTokens: s.optional(
      s.list(
        "Tokens to create.",
        s.object("One token.", {
          ...bootstrapTokenFields,
          ttlSeconds: s.optional(s.int32("Seconds that it is valid.", { minimum: 0 })),
        }),
        { minItems: 1, maxItems: 100 },
      ),
    ),
    nodeRegistration: s.optional(nodeRegistration),
    localAPIEndpoint: s.optional(localApiEndpoint),
    skipPhases: s.optional(skippedPhases),
    patches: s.optional(patches),
    timeouts: s.optional(timeouts),
  },
  { minProperties: 1 },
)

/** Fields of token discovery, which both versions write alike. */
export const tokenDiscoveryFields = {
  token: s.optional(path("The token.")),
  apiServerEndpoint: s.optional(path("Host and port of the API server.")),
  caCertHashes: s.optional(
    s.list("Hashes of CA keys to trust.", path("One hash, as `sha256:HEX`."), {
      minItems: 1,
      maxItems: 100,
    }),
  ),
  unsafeSkipCAVerification: s.optional(s.boolean("Whether the CA may be any.")),
}

export const fileDiscovery = s.object("Through a kubeconfig file.", {
  kubeConfigPath: path("Path or URL of the file."),
  kubeConfig: s.optional(
    s.object("What the file is made of.", {
      cluster: s.optional(
        s.object(
          "The cluster.",
          {
            server: s.optional(path("URL of the API server.")),
            tlsServerName: s.optional(path("Name to expect in its certificate.")),
            insecureSkipTLSVerify: s.optional(s.boolean("Whether its certificate may be any.")),
            certificateAuthorityData: s.optional(
              s.string("CA certificates, PEM in base64.", {
                minLength: 1,
                maxLength: 51200,
                format: "byte",
              }),
            ),
            proxyURL: s.optional(path("Proxy to go through.")),
          },
          { minProperties: 1 },
        ),
      ),
      user: s.object(
        "How to authenticate.",
        {
          authProvider: s.optional(
            s.object("A named provider.", {
              name: s.string("Its name.", { minLength: 1, maxLength: 256 }),
              config: s.optional(s.map("Its settings.", s.string("One setting."))),
            }),
          ),
          exec: s.optional(
            s.object("A command that prints credentials.", {
              command: s.string("The command.", { minLength: 1, maxLength: 1024 }),
              args: s.optional(
                s.list("Its arguments.", path("One argument."), { minItems: 1, maxItems: 100 }),
              ),
              env: s.optional(
                s.list(
                  "Its environment.",
                  s.object("One variable.", { name: path("Its name."), value: path("Its value.") }),
                  { minItems: 1, maxItems: 100 },
                ),
              ),
              apiVersion: s.optional(path("Version of the protocol.")),
              provideClusterInfo: s.optional(
                s.boolean("Whether the command is told about the cluster."),
              ),
            }),
          ),
        },
        { minProperties: 1 },
      ),
    }),
  ),
})

export const joinConfiguration = s.object(
  "A machine that joins, for `kubeadm join`.",
  {
    nodeRegistration: s.optional(nodeRegistration),
    caCertPath: s.optional(path("Path of the cluster's CA certificate.")),
    discovery: s.optional(
      s.object(
        "How the machine finds and trusts the cluster.",
        {
          bootstrapToken: s.optional(
            s.object("Through a bootstrap token.", tokenDiscoveryFields, { minProperties: 1 }),
          ),
          file: s.optional(fileDiscovery),
          tlsBootstrapToken: s.optional(path("Token for the kubelet's first certificate.")),
        },
        { minProperties: 1 },
      ),
    ),
    controlPlane: s.optional(
      s.object("Set when the machine joins the control plane.", {
        localAPIEndpoint: s.optional(localApiEndpoint),
      }),
    ),
    skipPhases: s.optional(skippedPhases),
    patches: s.optional(patches),
    timeouts: s.optional(timeouts),
  },
  { minProperties: 1 },
)
