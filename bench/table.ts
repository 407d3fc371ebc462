/** One measured thing, ours beside the peer's where there is one. */
export interface Figure {
  readonly name: string
  readonly unit: string
  readonly ours: number
  readonly peer?: number | undefined
  /** Whether a larger number is the better one. */
  readonly more: boolean
}

/** Prints figures in columns; the ratio says how many times better ours is. */
export function printTable(figures: readonly Figure[]): void {
  const rows = [
    ["what", "ours", "peer", "ratio"],
    ...figures.map((figure) => [
      `${figure.name} [${figure.unit}]`,
      shown(figure.ours),
      figure.peer === undefined ? "" : shown(figure.peer),
      ratioOf(figure),
    ]),
  ]
  const widths = rows[0]?.map((_cell, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  )
  for (const row of rows) {
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths?.[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
  }
}

function shown(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString("en") : value.toFixed(2)
}

function ratioOf({ ours, peer, more }: Figure): string {
  if (peer === undefined || peer === 0 || ours === 0) return ""
  return `${(more ? ours / peer : peer / ours).toFixed(2)}x`
}
