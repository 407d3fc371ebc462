/** One request, sent to both servers after the ones before it. */
export interface ComparedRequest {
  readonly name: string
  readonly method: string
  readonly path: string
  readonly body?: unknown
  readonly contentType?: string | undefined
  /**
   * `reason`: of an error only code and reason must be the same, because our words are our own.
   * `generation`: of an object, only that, and the status (without its times).
   */
  readonly compares?: "generation" | "reason" | undefined
}

export const configMaps = "/api/v1/namespaces/default/configmaps"
export const widgets = "/apis/differential.test/v1/namespaces/default/widgets"

export function configMap(name: string, more: object = {}): object {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name }, ...more }
}

export function widget(name: string, spec: object = {}): object {
  return { apiVersion: "differential.test/v1", kind: "Widget", metadata: { name }, spec }
}
