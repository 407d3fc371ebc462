import type { BuiltinColumn } from "../builtin-kind.ts"
import {
  ageColumn,
  column,
  firstThree,
  formatLabels,
  listAt,
  mapAt,
  nameColumn,
  numberAt,
  textAt,
  textColumn,
  valueAt,
  wide,
} from "../cell.ts"
import { selectorColumn } from "./container.ts"

function loadBalancerAddresses(object: unknown): string {
  const addresses = listAt(object, "status.loadBalancer.ingress")
    .map((ingress) => textAt(ingress, "ip", textAt(ingress, "hostname")))
    .filter((address) => address !== "")
  return [...new Set(addresses)].sort().join(",")
}

function externalIp(service: unknown): string {
  const external = listAt(service, "spec.externalIPs")
  switch (textAt(service, "spec.type")) {
    case "ClusterIP":
    case "NodePort":
      return external.join(",") || "<none>"
    case "LoadBalancer": {
      const balanced = loadBalancerAddresses(service)
      return [...(balanced === "" ? [] : [balanced]), ...external].join(",") || "<pending>"
    }
    case "ExternalName":
      return textAt(service, "spec.externalName")
    default:
      return "<unknown>"
  }
}

function servicePorts(service: unknown): string {
  const ports = listAt(service, "spec.ports").map((port) => {
    const nodePort = numberAt(port, "nodePort")
    const number = numberAt(port, "port")
    return `${nodePort > 0 ? `${number}:${nodePort}` : number}/${textAt(port, "protocol")}`
  })
  return ports.join(",") || "<none>"
}

function endpoints(object: unknown): string {
  const subsets = listAt(object, "subsets")
  if (subsets.length === 0) return "<none>"
  const items = subsets.flatMap((subset) => {
    const addresses = listAt(subset, "addresses").map((address) => textAt(address, "ip"))
    const ports = listAt(subset, "ports").map((port) => numberAt(port, "port"))
    if (ports.length === 0) return addresses
    return ports.flatMap((port) => addresses.map((ip) => joinHostPort(ip, port)))
  })
  return firstThree(items, "")
}

function joinHostPort(ip: string, port: number): string {
  return ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`
}

/** At most three hosts; rules after the third host count as more, with or without a host. */
function ingressHosts(ingress: unknown): string {
  const rules = listAt(ingress, "spec.rules")
  const hosts: string[] = []
  let seen = 0
  for (const rule of rules) {
    if (hosts.length === 3) break
    const host = textAt(rule, "host")
    if (host !== "") hosts.push(host)
    seen += 1
  }
  if (hosts.length === 0) return "*"
  const more = seen < rules.length ? ` + ${rules.length - 3} more...` : ""
  return `${hosts.join(",")}${more}`
}

function classParameters(ingressClass: unknown): string {
  const parameters = valueAt(ingressClass, "spec.parameters")
  if (!parameters) return "<none>"
  const group = textAt(parameters, "apiGroup")
  const kind = textAt(parameters, "kind")
  return `${group === "" ? kind : `${kind}.${group}`}/${textAt(parameters, "name")}`
}

function parentReference(address: unknown): string {
  const parent = valueAt(address, "spec.parentRef")
  if (!parent) return "<none>"
  const group = textAt(parent, "group")
  const resource = textAt(parent, "resource")
  const namespace = textAt(parent, "namespace")
  const type = (group === "" ? resource : `${resource}.${group}`).toLowerCase()
  return [type, ...(namespace === "" ? [] : [namespace]), textAt(parent, "name")].join("/")
}

/** Columns of what names and reaches Pods, by group and kind. */
export const networkColumns: Readonly<Record<string, readonly BuiltinColumn[]>> = {
  "/Service": [
    nameColumn,
    textColumn("Type", "spec.type"),
    column("Cluster-IP", (object) => String(listAt(object, "spec.clusterIPs")[0] ?? "<none>")),
    column("External-IP", externalIp),
    column("Port(s)", servicePorts),
    ageColumn,
    ...wide(column("Selector", (object) => formatLabels(mapAt(object, "spec.selector")))),
  ],
  "/Endpoints": [nameColumn, column("Endpoints", endpoints), ageColumn],
  "discovery.k8s.io/EndpointSlice": [
    nameColumn,
    textColumn("AddressType", "addressType"),
    column("Ports", (object) =>
      firstThree(
        listAt(object, "ports").map((port) =>
          String(valueAt(port, "port") ?? valueAt(port, "name") ?? "*"),
        ),
        "<unset>",
      ),
    ),
    column("Endpoints", (object) =>
      firstThree(
        listAt(object, "endpoints").flatMap((each) => listAt(each, "addresses").map(String)),
        "<unset>",
      ),
    ),
    ageColumn,
  ],
  "networking.k8s.io/Ingress": [
    nameColumn,
    textColumn("Class", "spec.ingressClassName", "<none>"),
    column("Hosts", ingressHosts),
    column("Address", loadBalancerAddresses),
    column("Ports", (object) => (listAt(object, "spec.tls").length > 0 ? "80, 443" : "80")),
    ageColumn,
  ],
  "networking.k8s.io/IngressClass": [
    nameColumn,
    textColumn("Controller", "spec.controller"),
    column("Parameters", classParameters),
    ageColumn,
  ],
  "networking.k8s.io/NetworkPolicy": [
    nameColumn,
    selectorColumn("Pod-Selector", "spec.podSelector"),
    ageColumn,
  ],
  "networking.k8s.io/IPAddress": [nameColumn, column("ParentRef", parentReference)],
  "networking.k8s.io/ServiceCIDR": [
    nameColumn,
    column("CIDRs", (object) => listAt(object, "spec.cidrs").join(",")),
    ageColumn,
  ],
}
