import { s } from "#schema"
import { controlPlaneEndpoint } from "../cluster/endpoint.shape.ts"
import { failureDomains } from "../cluster/failure-domain.shape.ts"

export const dockerLoadBalancer = s.object("The load balancer's container.", {
  imageRepository: s.optional(s.string("Registry and path of its image.")),
  imageTag: s.optional(s.string("Tag of its image.")),
  customHAProxyConfigTemplateRef: s.optional(
    s.object(
      "ConfigMap with a template of its configuration.",
      { name: s.withDefault(s.string("Name of the ConfigMap."), "") },
      { atomic: true },
    ),
  ),
})

export const memoryCluster = s.object("The cluster exists only in memory.", {})

export const devClusterSpec = s.object("Desired state of the DevCluster.", {
  controlPlaneEndpoint: s.optional(controlPlaneEndpoint),
  backend: s.object("What stands behind the cluster.", {
    docker: s.optional(
      s.object("Machines are containers.", {
        failureDomains: s.optional(failureDomains("Failure domains to pretend.")),
        loadBalancer: s.optional(dockerLoadBalancer),
      }),
    ),
    inMemory: s.optional(memoryCluster),
  }),
})
