export { adminUser, TestServer, type TestServerOptions } from "./test-server.ts"
