/** Places in a schema, as errors about schemas name them: `….properties[spec].items`. */

export function propertyPath(path: string, name: string): string {
  return `${path}.properties[${name}]`
}

export function branchPath(path: string, keyword: string, index: number): string {
  return `${path}.${keyword}[${index}]`
}
