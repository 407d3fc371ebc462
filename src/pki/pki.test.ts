import { createPrivateKey, createPublicKey, X509Certificate } from "node:crypto"
import { connect, createServer, type TLSSocket } from "node:tls"
import { expect, test } from "vitest"
import {
  type Authority,
  buildKubeconfig,
  createAuthority,
  generateKey,
  issueCertificate,
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

/** True when the authority signed the certificate and both are valid at that time. */
function isSignedBy(certificatePem: string, authorityPem: string, atMs: number): boolean {
  const certificate = new X509Certificate(certificatePem)
  const authority = new X509Certificate(authorityPem)
  return (
    authority.ca &&
    certificate.checkIssued(authority) &&
    certificate.verify(authority.publicKey) &&
    [certificate, authority].every(
      ({ validFromDate, validToDate }) => +validFromDate <= atMs && atMs <= +validToDate,
    )
  )
}

test("keys are written in the PEM forms that Kubernetes' tools read", async () => {
  const rsa = await generateKey("rsa-2048")
  const ec = await generateKey("p-256")

  expect(rsa.privateKeyPem).toMatch(/^-----BEGIN RSA PRIVATE KEY-----\n/)
  expect(ec.privateKeyPem).toMatch(/^-----BEGIN EC PRIVATE KEY-----\n/)
  expect(createPublicKey(rsa.privateKeyPem).equals(createPublicKey(rsa.publicKeyPem))).toBe(true)
  expect(createPublicKey(rsa.publicKeyPem).asymmetricKeyDetails?.modulusLength).toBe(2048)
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
    const key = createPrivateKey(leaf.privateKeyPem)
    expect(new X509Certificate(leaf.certificatePem).checkPrivateKey(key)).toBe(true)
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

/** Made with openssl, together with the digest below. */
const foreignAuthority = {
  certificatePem: `-----BEGIN CERTIFICATE-----
MIIBszCCAVmgAwIBAgIUbaCwaVeCYYMNsY2ZSe4fzaSyI0EwCgYIKoZIzj0EAwIw
LjEXMBUGA1UECgwObWFkZSBlbHNld2hlcmUxEzARBgNVBAMMCmZvcmVpZ24tY2Ew
IBcNMjYxMTIxMTMwNzQ2WhgPMjEyNjEwMjgxMzA3NDZaMC4xFzAVBgNVBAoMDm1h
ZGUgZWxzZXdoZXJlMRMwEQYDVQQDDApmb3JlaWduLWNhMFkwEwYHKoZIzj0CAQYI
KoZIzj0DAQcDQgAERCnRCODPxmEFSJfNre2dEf0nwMVCVQueOSqh1sUQQJo9r14z
bMKH+xKtkCvK+Ixtb8U9Wr0KqPpUS55M8vctq6NTMFEwHQYDVR0OBBYEFND6zJxN
aRlvc6s2qun6r0t54yMbMB8GA1UdIwQYMBaAFND6zJxNaRlvc6s2qun6r0t54yMb
MA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIhAMjfK7TKG/KdStGy
l6fMMa9x/FKLd39+/xc9ePZnQs4dAiBmuEpydcVmjGJZ4tF8ia1mP3Zpim2DOxnt
pmL+uSq23Q==
-----END CERTIFICATE-----
`,
  privateKeyPem: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg6FSqa6pdvFOFnj1i
BDMEAWJ5j62W+FxYbMxJQSoTwoChRANCAAREKdEI4M/GYQVIl82t7Z0R/SfAxUJV
C545KqHWxRBAmj2vXjNswof7Eq2QK8r4jG1vxT1avQqo+lRLnkzy9y2r
-----END PRIVATE KEY-----
`,
}

test("an authority made elsewhere is read, hashed and used to sign", async () => {
  const { certificatePem } = foreignAuthority
  expect(readCertificate(certificatePem)).toMatchObject({
    commonName: "foreign-ca",
    organizations: ["made elsewhere"],
    isAuthority: true,
  })
  expect(publicKeyHash(certificatePem)).toBe(
    "sha256:995c8a80e2a99e8da1958f76e243103effb809ed5e4dbec27bdfb1c129f9843b",
  )

  const leaf = await issueCertificate(foreignAuthority, {
    commonName: "a",
    usages: ["client"],
    validityDays: 1,
    keyKind: "p-256",
    nowMs,
  })
  expect(isSignedBy(leaf.certificatePem, certificatePem, nowMs)).toBe(true)
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
