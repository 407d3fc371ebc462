/** What every naming template must use, so that names differ. */
export const randomPlaceholder = "{{ .random }}"

export interface NamingValues {
  readonly cluster: string
  readonly machineSet: string
  readonly random: string
}

/** The name that a naming template gives; undefined when it uses what there is not. */
export function renderNaming(template: string, values: NamingValues): string | undefined {
  const rendered = template.replaceAll(/\{\{\s*(\.[\w.]+)\s*\}\}/g, (whole, variable: string) => {
    if (variable === ".cluster.name") return values.cluster
    if (variable === ".machineSet.name") return values.machineSet
    return variable === ".random" ? values.random : whole
  })
  return rendered.includes("{{") ? undefined : rendered
}
