export { adminUser, TestServer, type TestServerOptions } from "./test-server.ts"
export { type Widget, widgetDefinition, WidgetKind, widgetVersion } from "./widget.ts"
