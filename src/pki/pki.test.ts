import { execFileSync } from "node:child_process"
import { createPublicKey, X509Certificate } from "node:crypto"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { connect, createServer, type TLSSocket } from "node:tls"
import { expect, test } from "vitest"
import {
  type Authority,
  buildKubeconfig,
  createAuthority,
  generateKey,
  isKeyOf,
  isSignedBy,
  issueCertificate,
  keyPairOf,
  parseKubeconfig,
  PkiError,
  publicKeyHash,
  readCertificate,
  TokenSigner,
  TokenVerifier,
} from "#pki"

const nowMs = Date.now()
const dayMs = 86_400_000

function anAuthority(keyKind: "rsa-2048" | "p-256" = "p-256"): Promise<Authority> {
  return createAuthority({ commonName: "kubernetes", validityDays: 3650, keyKind, nowMs })
}

test("keys are written in the PEM forms that Kubernetes' tools read", async () => {
  const rsa = await generateKey("rsa-2048")
  const ec = await generateKey("p-256")

  expect(rsa.privateKeyPem).toMatch(/^-----BEGIN RSA PRIVATE KEY-----\n/)
  expect(ec.privateKeyPem).toMatch(/^-----BEGIN EC PRIVATE KEY-----\n/)
  expect(keyPairOf(rsa.privateKeyPem)).toEqual(rsa)
  expect(createPublicKey(rsa.publicKeyPem).asymmetricKeyDetails?.modulusLength).toBe(2048)
  expect(() => keyPairOf("nonsense")).toThrow(PkiError)
})

test.each(["rsa-2048", "p-256"] as const)(
  "an authority with a %s key issues certificates that carry what was asked",
  async (keyKind) => {
    const authority = await anAuthority(keyKind)
    const leaf = await issueCertificate(authority, {
      commonName: "kube-apiserver",
      organizations: ["system:masters", "second"],
      dnsNames: ["localhost", "kubernetes.default.svc"],
      ipAddresses: ["127.0.0.1", "::1", "fd00::10:0:1", "::ffff:10.1.2.3"],
      usages: ["server", "client"],
      validityDays: 365,
      keyKind,
      nowMs,
    })

    const facts = readCertificate(leaf.certificatePem)
    expect(facts.commonName).toBe("kube-apiserver")
    expect(facts.organizations).toEqual(["system:masters", "second"])
    expect(facts.dnsNames).toEqual(["localhost", "kubernetes.default.svc"])
    expect(facts.ipAddresses).toEqual([
      "127.0.0.1",
      "0:0:0:0:0:0:0:1",
      "FD00:0:0:0:0:10:0:1",
      "0:0:0:0:0:FFFF:A01:203",
    ])
    expect(facts.isAuthority).toBe(false)
    expect(facts.notAfterMs).toBe(Math.floor((nowMs + 365 * dayMs) / 1000) * 1000)
    expect(facts.notBeforeMs).toBeLessThan(nowMs)
    expect(new X509Certificate(leaf.certificatePem).keyUsage).toEqual([
      "1.3.6.1.5.5.7.3.1",
      "1.3.6.1.5.5.7.3.2",
    ])
    expect(isKeyOf(leaf.privateKeyPem, leaf.certificatePem)).toBe(true)
    expect(isSignedBy(leaf.certificatePem, authority.certificatePem, nowMs)).toBe(true)
  },
)

test("a certificate is refused for another authority, out of time, or when its signer is a leaf", async () => {
  const authority = await anAuthority()
  const other = await anAuthority()
  const leaf = await issueCertificate(authority, {
    commonName: "a",
    usages: ["client"],
    validityDays: 1,
    keyKind: "p-256",
    nowMs,
  })

  expect(isSignedBy(leaf.certificatePem, other.certificatePem, nowMs)).toBe(false)
  expect(isSignedBy(leaf.certificatePem, authority.certificatePem, nowMs + 2 * dayMs)).toBe(false)
  expect(isSignedBy(leaf.certificatePem, authority.certificatePem, nowMs - dayMs)).toBe(false)
  const fromLeaf = issueCertificate(leaf, {
    commonName: "b",
    usages: [],
    validityDays: 1,
    keyKind: "p-256",
    nowMs,
  })
  await expect(fromLeaf).rejects.toThrow("the signer is not an authority")
})

test("a certificate never outlives its authority", async () => {
  const authority = await createAuthority({
    commonName: "short",
    validityDays: 10,
    keyKind: "p-256",
    nowMs,
  })
  const leaf = await issueCertificate(authority, {
    commonName: "a",
    usages: ["client"],
    validityDays: 365,
    keyKind: "p-256",
    nowMs,
  })

  expect(readCertificate(leaf.certificatePem).notAfterMs).toBe(
    readCertificate(authority.certificatePem).notAfterMs,
  )
})

test("times from 2050 on are written so that they survive", async () => {
  const authority = await createAuthority({
    commonName: "long",
    validityDays: 36_500,
    keyKind: "p-256",
    nowMs,
  })

  const { notAfterMs } = readCertificate(authority.certificatePem)
  expect(notAfterMs).toBe(Math.floor((nowMs + 36_500 * dayMs) / 1000) * 1000)
})

test("openssl accepts the chain, and its public key digest is the discovery hash", async () => {
  const authority = await anAuthority("rsa-2048")
  const leaf = await issueCertificate(authority, {
    commonName: "kube-apiserver",
    dnsNames: ["localhost"],
    usages: ["server"],
    validityDays: 365,
    nowMs,
  })
  const folder = mkdtempSync(join(tmpdir(), "pki-"))
  try {
    const [ca, crt] = [join(folder, "ca.crt"), join(folder, "leaf.crt")]
    writeFileSync(ca, authority.certificatePem)
    writeFileSync(crt, leaf.certificatePem)

    const flags = ["-x509_strict", "-purpose", "sslserver", "-CAfile", ca, crt]
    const verdict = execFileSync("openssl", ["verify", ...flags], { encoding: "utf8" })
    expect(verdict).toContain("leaf.crt: OK")

    const script = `openssl x509 -pubkey -noout -in ${ca} | openssl rsa -pubin -outform der 2>/dev/null | openssl dgst -sha256 -hex`
    const digest = execFileSync("sh", ["-c", script], { encoding: "utf8" })
    expect(publicKeyHash(authority.certificatePem)).toBe(
      `sha256:${/[0-9a-f]{64}/.exec(digest)?.[0]}`,
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test("server and client authenticate each other over TLS with issued certificates", async () => {
  const authority = await anAuthority()
  const base = { validityDays: 1, keyKind: "p-256", nowMs } as const
  const server = await issueCertificate(authority, {
    ...base,
    commonName: "server",
    ipAddresses: ["127.0.0.1"],
    usages: ["server"],
  })
  const client = await issueCertificate(authority, {
    ...base,
    commonName: "jane",
    organizations: ["developers"],
    usages: ["client"],
  })
  const tls = (pair: typeof server) => ({
    cert: pair.certificatePem,
    key: pair.privateKeyPem,
    ca: authority.certificatePem,
  })

  const seen = Promise.withResolvers<{ CN: unknown; O: unknown }>()
  const listener = createServer(
    { ...tls(server), requestCert: true, rejectUnauthorized: true },
    (socket: TLSSocket) => {
      const { subject } = socket.getPeerCertificate()
      seen.resolve({ CN: subject.CN, O: subject.O })
      socket.end()
    },
  )
  listener.on("tlsClientError", seen.reject)
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve))
  const { port } = listener.address() as { port: number }
  const socket = connect({ ...tls(client), host: "127.0.0.1", port })
  socket.on("error", seen.reject)

  expect(await seen.promise).toEqual({ CN: "jane", O: "developers" })
  expect(socket.authorized).toBe(true)

  socket.destroy()
  await new Promise((resolve) => listener.close(resolve))
})

test("a kubeconfig comes back as it was built", () => {
  const built = buildKubeconfig({
    clusterName: "edge",
    server: "https://10.0.0.11:6443",
    caPem: "CA\n",
    user: "edge-admin",
    clientCertificatePem: "CERT\n",
    clientKeyPem: "KEY\n",
  })

  expect(built).toContain("current-context: edge-admin@edge\n")
  expect(parseKubeconfig(built)).toEqual({
    server: "https://10.0.0.11:6443",
    caPem: "CA\n",
    clientCertificatePem: "CERT\n",
    clientKeyPem: "KEY\n",
    token: undefined,
    serverName: undefined,
    namespace: undefined,
  })
})

const twoContexts = `
apiVersion: v1
kind: Config
current-context: b
contexts:
- {name: a, context: {cluster: one, user: first, namespace: prod}}
- {name: b, context: {cluster: two, user: second}}
- {name: c, context: {cluster: two, user: third}}
clusters:
- {name: one, cluster: {server: "https://one", certificate-authority: /ca.crt}}
- {name: two, cluster: {server: "https://two", tls-server-name: api}}
users:
- {name: first, user: {client-certificate: /c.crt, client-key: /c.key}}
- {name: second, user: {token: sesame}}
- {name: third, user: {exec: {command: aws}}}
`

test("the current context decides, and another one can be named", () => {
  expect(parseKubeconfig(twoContexts)).toMatchObject({
    server: "https://two",
    token: "sesame",
    serverName: "api",
  })
  const readFile = (path: string): string => `content of ${path}`
  expect(parseKubeconfig(twoContexts, { context: "a", readFile })).toMatchObject({
    server: "https://one",
    namespace: "prod",
    caPem: "content of /ca.crt",
    clientKeyPem: "content of /c.key",
  })
})

test.each([
  ["exec users", { context: "c" }, twoContexts, 'user "third" uses exec, which is not supported'],
  ["files without a reader", { context: "a" }, twoContexts, "certificate-authority names a file"],
  ["an unknown context", { context: "x" }, twoContexts, 'no entry "x" under contexts'],
  ["no context at all", {}, "kind: Config", "no current-context"],
  ["text that is no YAML", {}, "{", "not YAML"],
  ["a list", {}, "- a", "not a kubeconfig"],
])("a kubeconfig with %s is refused by name", (_name, options, source, problem) => {
  expect(() => parseKubeconfig(source, options)).toThrow(problem)
})

test.each(["rsa-2048", "p-256"] as const)(
  "a service account token signed with a %s key says whose it is",
  async (kind) => {
    const key = await generateKey(kind)
    const issuer = "https://kubernetes.default.svc"
    const signer = new TokenSigner({ privateKeyPem: key.privateKeyPem, issuer })
    const verifier = new TokenVerifier({ publicKeysPem: [key.publicKeyPem], issuer })
    const serviceAccount = { name: "builder", uid: "u-1" }
    const pod = { name: "p", uid: "u-2" }

    const issued = await signer.sign({
      namespace: "ci",
      serviceAccount,
      pod,
      audiences: ["api"],
      expirationSeconds: 600,
      nowMs,
    })

    const claims = JSON.parse(
      Buffer.from(issued.token.split(".")[1] ?? "", "base64url").toString(),
    ) as Record<string, unknown>
    expect(claims).toMatchObject({
      iss: issuer,
      sub: "system:serviceaccount:ci:builder",
      aud: ["api"],
      exp: issued.expiresAtMs / 1000,
      "kubernetes.io": { namespace: "ci", serviceaccount: serviceAccount, pod },
    })
    const verified = await verifier.verify(issued.token, { audiences: ["api", "b"], nowMs })
    expect(verified).toMatchObject({ namespace: "ci", serviceAccount, pod, id: claims.jti })
    expect((await verifier.keySet()).keys).toMatchObject([
      { use: "sig", alg: kind === "p-256" ? "ES256" : "RS256" },
    ])
  },
)

test("a token is refused when late, for another audience or issuer, altered, or by a foreign key", async () => {
  const key = await generateKey("p-256")
  const foreign = await generateKey("p-256")
  const issuer = "https://one"
  const signer = new TokenSigner({ privateKeyPem: key.privateKeyPem, issuer })
  const { token } = await signer.sign({
    namespace: "a",
    serviceAccount: { name: "b", uid: "c" },
    audiences: ["api"],
    expirationSeconds: 600,
    nowMs,
  })
  const verifierOf = (publicKeyPem: string, of: string): TokenVerifier =>
    new TokenVerifier({ publicKeysPem: [publicKeyPem], issuer: of })
  const good = verifierOf(key.publicKeyPem, issuer)
  const [header, , signature] = token.split(".")
  const forged = Buffer.from('{"sub":"system:serviceaccount:a:root"}').toString("base64url")

  const options = { audiences: ["api"], nowMs }
  await expect(good.verify(token, options)).resolves.toMatchObject({ namespace: "a" })
  await expect(good.verify(token, { ...options, nowMs: nowMs + 601_000 })).rejects.toThrow(PkiError)
  await expect(good.verify(token, { ...options, audiences: ["b"] })).rejects.toThrow(PkiError)
  await expect(verifierOf(key.publicKeyPem, "https://two").verify(token, options)).rejects.toThrow()
  await expect(verifierOf(foreign.publicKeyPem, issuer).verify(token, options)).rejects.toThrow()
  await expect(good.verify(`${header}.${forged}.${signature}`, options)).rejects.toThrow(PkiError)
})
