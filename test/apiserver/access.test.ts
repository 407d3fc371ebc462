import { afterAll, beforeAll, expect, test } from "vitest"
import {
  ClusterRoleBindingKind,
  ClusterRoleKind,
  NamespaceKind,
  type PolicyRule,
  RoleBindingKind,
  RoleKind,
  SecretKind,
  ServiceAccountKind,
} from "#apis"
import { TestServer } from "#apiserver/testing"
import { silentLogger } from "#base"
import { FakeClock } from "#base/testing"
import { Client } from "#client"
import { openMemoryStore } from "#store"
import { SystemControllers } from "#system"
import { type HttpAnswer, HttpClient } from "./http-client.ts"

const secrets = "/api/v1/namespaces/team/secrets"
const rbac = "rbac.authorization.k8s.io"
const roles = `/apis/${rbac}/v1/namespaces/team/roles`
const bindings = `/apis/${rbac}/v1/namespaces/team/rolebindings`
const clock = new FakeClock()

let server: TestServer
let system: SystemControllers
let admin: Client
let root: HttpClient
let bob: HttpClient
let anybody: HttpClient

beforeAll(async () => {
  server = await TestServer.start({ clock, store: openMemoryStore({ clock }) })
  const { caPem } = server
  system = new SystemControllers({ server: server.server, clock, log: silentLogger, caPem })
  await system.start()
  admin = new Client(server.transport(), { fieldManager: "test" })
  await admin.create(NamespaceKind, { metadata: { name: "team" } })
  for (const name of ["one", "two"]) {
    await admin.create(SecretKind, { metadata: { name, namespace: "team" } })
  }
  root = await HttpClient.connect(server)
  bob = await HttpClient.connect(server, { name: "bob", groups: ["devs", "system:authenticated"] })
  anybody = await HttpClient.connect(server, null)
})

afterAll(async () => {
  root[Symbol.dispose]()
  bob[Symbol.dispose]()
  anybody[Symbol.dispose]()
  await system.stop()
  await server[Symbol.asyncDispose]()
})

interface Grant {
  readonly name: string
  readonly rules: readonly PolicyRule[]
  readonly subject: { readonly kind: string; readonly name: string; readonly namespace?: string }
}

/** Grants in the namespace `team`; answers the way to take it back. */
async function grant({ name, rules, subject }: Grant): Promise<() => Promise<void>> {
  const metadata = { name, namespace: "team" }
  await admin.create(RoleKind, { metadata, rules })
  await admin.create(RoleBindingKind, {
    metadata,
    roleRef: { apiGroup: rbac, kind: "Role", name },
    subjects: [subject],
  })
  return async () => {
    await admin.delete(RoleBindingKind, metadata)
    await admin.delete(RoleKind, metadata)
  }
}

const user = { kind: "User", name: "bob" }

function codeOf({ code }: HttpAnswer): number {
  return code
}

test("a certificate names the user and the groups; what was not granted is forbidden", async () => {
  const { json } = await bob.get(`${secrets}/one`)
  expect(json).toMatchObject({
    code: 403,
    message:
      'secrets "one" is forbidden: User "bob" cannot get resource "secrets" in API group "" in the namespace "team"',
  })
  const review = { kind: "SelfSubjectReview", apiVersion: "authentication.k8s.io/v1" }
  const who = await bob.post("/apis/authentication.k8s.io/v1/selfsubjectreviews", review)
  expect(who.json["status"]).toMatchObject({
    userInfo: { username: "bob", groups: ["devs", "system:authenticated"] },
  })
})

test("everybody authenticated may discover, everybody at all may ask for health", async () => {
  for (const path of ["/api", "/apis", "/apis/apps/v1", "/openapi/v3", "/version", "/readyz"]) {
    expect([path, codeOf(await bob.get(path))]).toEqual([path, 200])
  }
  for (const path of ["/healthz", "/livez", "/readyz", "/version"]) {
    expect([path, codeOf(await anybody.get(path))]).toEqual([path, 200])
  }
  expect(codeOf(await anybody.get("/api"))).toBe(403)
  expect(codeOf(await bob.get("/metrics"))).toBe(403)
})

test("who is bound to a role that is not there is told so", async () => {
  const metadata = { name: "dangling", namespace: "team" }
  const roleRef = { apiGroup: rbac, kind: "Role", name: "missing" }
  await admin.create(RoleBindingKind, { metadata, roleRef, subjects: [user] })

  const { json } = await bob.get(`${secrets}/one`)

  await admin.delete(RoleBindingKind, metadata)
  const reason = 'RBAC: role.rbac.authorization.k8s.io "missing" not found'
  expect(String(json["message"])).toMatch(new RegExp(`in the namespace "team": ${reason}$`))
})

test("a role grants its verbs on its resources in its namespace, at once and as long as it is there", async () => {
  const rules = [{ apiGroups: [""], resources: ["secrets"], verbs: ["get", "list"] }]
  const takeBack = await grant({ name: "reader", rules, subject: user })
  expect(codeOf(await bob.get(`${secrets}/one`))).toBe(200)
  expect(codeOf(await bob.get(secrets))).toBe(200)
  expect(codeOf(await bob.get(`${secrets}?watch=true`))).toBe(403)
  expect(codeOf(await bob.send("DELETE", `${secrets}/one`))).toBe(403)
  expect(codeOf(await bob.get("/api/v1/secrets"))).toBe(403)
  expect(codeOf(await bob.get("/api/v1/namespaces/default/secrets"))).toBe(403)
  await takeBack()
  expect(codeOf(await bob.get(secrets))).toBe(403)
})

test("resource names narrow a rule down, also for lists that select one name", async () => {
  const rules = [
    { apiGroups: [""], resources: ["secrets"], verbs: ["get", "list"], resourceNames: ["one"] },
  ]
  const takeBack = await grant({ name: "narrow", rules, subject: { kind: "Group", name: "devs" } })
  expect(codeOf(await bob.get(`${secrets}/one`))).toBe(200)
  expect(codeOf(await bob.get(`${secrets}/two`))).toBe(403)
  expect(codeOf(await bob.get(secrets))).toBe(403)
  expect(codeOf(await bob.get(`${secrets}?fieldSelector=metadata.name%3Done`))).toBe(200)
  expect(codeOf(await bob.get(`${secrets}?fieldSelector=metadata.name%3Dtwo`))).toBe(403)
  expect(codeOf(await bob.get(`${secrets}?fieldSelector=metadata.name!%3Done`))).toBe(403)
  await takeBack()
})

test("a namespace can be read by whoever may read it inside", async () => {
  const rules = [{ apiGroups: [""], resources: ["namespaces"], verbs: ["get"] }]
  const takeBack = await grant({ name: "home", rules, subject: user })
  expect(codeOf(await bob.get("/api/v1/namespaces/team"))).toBe(200)
  expect(codeOf(await bob.get("/api/v1/namespaces/default"))).toBe(403)
  await takeBack()
})

test("nobody grants what they do not hold, unless they may escalate or bind", async () => {
  const write = {
    apiGroups: [rbac],
    resources: ["roles", "rolebindings"],
    verbs: ["create", "update", "patch"],
  }
  const read = { apiGroups: [""], resources: ["configmaps"], verbs: ["get"] }
  const takeBack = await grant({ name: "granter", rules: [write, read], subject: user })
  const role = (name: string, rules: readonly PolicyRule[]): object => ({
    metadata: { name },
    rules,
  })
  const greedy = [{ apiGroups: [""], resources: ["secrets", "configmaps"], verbs: ["get"] }]

  const { json } = await bob.post(roles, role("greedy", greedy))
  expect(json).toMatchObject({ code: 403, reason: "Forbidden" })
  expect(json["message"]).toBe(
    'roles.rbac.authorization.k8s.io "greedy" is forbidden: user "bob" (groups=["devs" "system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["secrets"], Verbs:["get"]}',
  )
  expect(codeOf(await bob.post(roles, role("modest", [read])))).toBe(201)
  const widened = await bob.patch(`${roles}/modest`, "merge", { rules: greedy })
  expect(codeOf(widened)).toBe(403)
  const owned = await bob.patch(`${roles}/modest`, "merge", {
    metadata: { finalizers: ["a.io/b"] },
  })
  expect(codeOf(owned)).toBe(200)

  const bind = (name: string, kind: string, target: string): object => ({
    metadata: { name },
    roleRef: { apiGroup: rbac, kind, name: target },
    subjects: [user],
  })
  const admined = await bob.post(bindings, bind("up", "ClusterRole", "cluster-admin"))
  expect(admined.json).toMatchObject({ code: 403 })
  expect(codeOf(await bob.post(bindings, bind("down", "Role", "modest")))).toBe(201)
  expect(codeOf(await bob.post(bindings, bind("ghost", "Role", "nothing")))).toBe(404)

  const more = [
    { apiGroups: [rbac], resources: ["roles"], verbs: ["escalate"] },
    { apiGroups: [rbac], resources: ["clusterroles"], verbs: ["bind"], resourceNames: ["view"] },
  ]
  const takeMore = await grant({ name: "more", rules: more, subject: user })
  expect(codeOf(await bob.post(roles, role("greedy", greedy)))).toBe(201)
  expect(codeOf(await bob.post(bindings, bind("viewer", "ClusterRole", "view")))).toBe(201)
  expect(codeOf(await bob.post(bindings, bind("editor", "ClusterRole", "edit")))).toBe(403)
  await takeMore()
  await takeBack()
  for (const name of ["down", "viewer"]) {
    await admin.delete(RoleBindingKind, { name, namespace: "team" })
  }
})

test("only an administrator makes a role of others' rules", async () => {
  const name = "role-writer"
  const rules = [{ apiGroups: [rbac], resources: ["clusterroles"], verbs: ["create"] }]
  await admin.create(ClusterRoleKind, { metadata: { name }, rules })
  await admin.create(ClusterRoleBindingKind, {
    metadata: { name },
    roleRef: { apiGroup: rbac, kind: "ClusterRole", name },
    subjects: [user],
  })
  const aggregationRule = { clusterRoleSelectors: [{ matchLabels: { a: "b" } }] }
  const body = { metadata: { name: "sum" }, aggregationRule }
  const { json } = await bob.post(`/apis/${rbac}/v1/clusterroles`, body)
  expect(json["code"]).toBe(403)
  expect(json["message"]).toContain("must have cluster-admin privileges to use an aggregationRule")
  await admin.delete(ClusterRoleBindingKind, { name })
})

test("a service account's token is it, until it expires or the account goes", async () => {
  await admin.create(ServiceAccountKind, { metadata: { name: "robot", namespace: "team" } })
  const rules = [{ apiGroups: [""], resources: ["secrets"], verbs: ["list"] }]
  const subject = { kind: "ServiceAccount", name: "robot", namespace: "team" }
  const takeBack = await grant({ name: "robot", rules, subject })
  const token = async (expirationSeconds: number): Promise<string> => {
    const key = { name: "robot", namespace: "team", subresource: "token" }
    const request = {
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenRequest",
      spec: { expirationSeconds },
    }
    const issued = await admin.createSubresource(ServiceAccountKind, key, request)
    return (issued as unknown as { status: { token: string } }).status.token
  }
  const list = async (bearer: string): Promise<number> =>
    codeOf(await anybody.get(secrets, { authorization: `Bearer ${bearer}` }))
  const short = await token(600)
  const long = await token(7_200)
  expect(await list(short)).toBe(200)
  expect(await list(`${short}x`)).toBe(401)
  const forged = short.split(".")
  const claims = {
    ...JSON.parse(Buffer.from(forged[1] ?? "", "base64url").toString()),
    sub: "system:admin",
  }
  forged[1] = Buffer.from(JSON.stringify(claims)).toString("base64url")
  expect(await list(forged.join("."))).toBe(401)
  clock.advance(601_000)
  expect(await list(short)).toBe(401)
  expect(await list(long)).toBe(200)
  const review = {
    apiVersion: "authentication.k8s.io/v1",
    kind: "TokenReview",
    spec: { token: long },
  }
  const reviewed = await root.post("/apis/authentication.k8s.io/v1/tokenreviews", review)
  expect(reviewed.json["status"]).toMatchObject({
    authenticated: true,
    user: { username: "system:serviceaccount:team:robot" },
  })
  await admin.delete(ServiceAccountKind, { name: "robot", namespace: "team" })
  expect(await list(long)).toBe(401)
  await takeBack()
  await expect(token(10)).rejects.toMatchObject({ code: 404 })
})

test("a user speaks for another one only where that was granted", async () => {
  const asEve = { "impersonate-user": "eve", "impersonate-group": ["devs", "ops"] }
  expect(codeOf(await bob.get("/api", asEve))).toBe(403)
  const whoami = async (headers: Record<string, string | string[]>): Promise<unknown> => {
    const path = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
    const { json } = await root.send("POST", path, { body: {}, headers })
    return (json["status"] as { userInfo: unknown } | undefined)?.userInfo ?? json["code"]
  }
  expect(await whoami(asEve)).toEqual({
    username: "eve",
    groups: ["devs", "ops", "system:authenticated"],
  })
  const account = "system:serviceaccount:team:default"
  expect(await whoami({ "impersonate-user": account })).toEqual({
    username: account,
    groups: ["system:serviceaccounts", "system:serviceaccounts:team", "system:authenticated"],
  })
  const extras = { "impersonate-uid": "7", "impersonate-extra-example.com%2fscope": ["a", "b"] }
  expect(await whoami({ ...asEve, ...extras })).toMatchObject({
    uid: "7",
    extra: { "example.com/scope": ["a", "b"] },
  })
  expect(await whoami({ "impersonate-group": "system:masters" })).toBe(403)

  const name = "impersonator"
  const rules = [
    { apiGroups: [""], resources: ["users"], verbs: ["impersonate"], resourceNames: ["eve"] },
  ]
  await admin.create(ClusterRoleKind, { metadata: { name }, rules })
  await admin.create(ClusterRoleBindingKind, {
    metadata: { name },
    roleRef: { apiGroup: rbac, kind: "ClusterRole", name },
    subjects: [user],
  })
  expect(codeOf(await bob.get("/api", { "impersonate-user": "eve" }))).toBe(200)
  expect(codeOf(await bob.get("/api", { "impersonate-user": "mallory" }))).toBe(403)
  const upgraded = { "impersonate-user": "eve", "impersonate-group": "system:masters" }
  expect(codeOf(await bob.get("/api", upgraded))).toBe(403)
  const uid = { "impersonate-user": "eve", "impersonate-uid": "1" }
  expect(codeOf(await bob.get("/api", uid))).toBe(403)
})

test("a certificate is worth nothing once it has expired, even on an open connection", async () => {
  const mine = new FakeClock()
  await using timed = await TestServer.start({ clock: mine })
  using client = await HttpClient.connect(timed)
  expect(codeOf(await client.get("/api/v1/namespaces"))).toBe(200)
  mine.advance(2 * 24 * 60 * 60 * 1_000)
  expect(codeOf(await client.get("/api/v1/namespaces"))).toBe(401)
})
