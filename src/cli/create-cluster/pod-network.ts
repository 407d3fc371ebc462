import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { isObject, messageOf } from "#base"
import type { UntypedObject } from "#meta"
import { CommandError, type Environment } from "../environment.ts"
import { parseManifests } from "../manifests.ts"
import { apiServerPort, type ClusterPlan } from "./cluster-plan.ts"

/** `flannel`, `none`, or a file of manifests. */
export async function podNetworkManifests(
  environment: Environment,
  choice: string,
  plan: ClusterPlan,
): Promise<readonly UntypedObject[]> {
  if (choice === "none") return []
  if (choice !== "flannel") return parseManifests(await read(choice), choice)
  const file = join(environment.programDirectory, "manifests", "flannel.yaml")
  const host = plan.controlPlane[0]?.address ?? ""
  return parseManifests(await read(file), file).map((object) =>
    adaptFlannel(object, plan.podCidr, host),
  )
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8")
  } catch (error) {
    throw new CommandError(`read pod network ${file}: ${messageOf(error)}`, { cause: error })
  }
}

/**
 * The cluster's own values: the pod network, and the API server's address, since flannel may start
 * before the Service that would lead there is served.
 */
function adaptFlannel(object: UntypedObject, podCidr: string, host: string): UntypedObject {
  if (object.kind === "ConfigMap") {
    const network = JSON.stringify({ Network: podCidr, Backend: { Type: "vxlan" } })
    return { ...object, data: { ...asRecord(object["data"]), "net-conf.json": network } }
  }
  if (object.kind !== "DaemonSet") return object
  const spec = asRecord(object["spec"])
  const template = asRecord(spec["template"])
  const podSpec = asRecord(template["spec"])
  const containers = podSpec["containers"]
  if (!Array.isArray(containers)) return object
  const adapted = containers.map((container: unknown) => withApiServer(asRecord(container), host))
  return {
    ...object,
    spec: { ...spec, template: { ...template, spec: { ...podSpec, containers: adapted } } },
  }
}

function withApiServer(container: Record<string, unknown>, host: string): Record<string, unknown> {
  if (container["name"] !== "flanneld") return container
  const env: readonly unknown[] = Array.isArray(container["env"]) ? container["env"] : []
  return {
    ...container,
    env: [
      ...env,
      { name: "KUBERNETES_SERVICE_HOST", value: host },
      { name: "KUBERNETES_SERVICE_PORT", value: String(apiServerPort) },
    ],
  }
}

function asRecord(value: unknown): Record<string, unknown> {
  return isObject(value) ? value : {}
}
