/** Where in an object the codec is; rendered only when something goes wrong. */
export interface Path {
  readonly parent: Path | undefined
  readonly step: string | number
  readonly depth: number
}

export function pathTo(parent: Path | undefined, step: string | number): Path {
  return { parent, step, depth: (parent?.depth ?? 0) + 1 }
}

/** `spec.containers[0].image`; map keys stand in brackets as well. */
export function pathText(path: Path | undefined): string {
  const steps: (string | number)[] = []
  for (let at = path; at; at = at.parent) steps.push(at.step)
  return steps
    .reverse()
    .map((step, index) =>
      typeof step === "number"
        ? `[${step}]`
        : index === 0 || step.startsWith("[")
          ? step
          : `.${step}`,
    )
    .join("")
}
