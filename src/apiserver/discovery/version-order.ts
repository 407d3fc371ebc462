const versionPattern = /^v(\d+)(?:(alpha|beta)(\d+))?$/

/** Orders API versions as Kubernetes prefers them: GA before beta before alpha, newer first. */
export function compareVersions(left: string, right: string): number {
  const [leftRank, rightRank] = [rankOf(left), rankOf(right)]
  for (let index = 0; index < leftRank.length; index += 1) {
    const difference = (rightRank[index] ?? 0) - (leftRank[index] ?? 0)
    if (difference !== 0) return difference
  }
  return left < right ? -1 : left > right ? 1 : 0
}

function rankOf(version: string): readonly number[] {
  const match = versionPattern.exec(version)
  if (!match) return [0, 0, 0, 0]
  const stability = match[2] === undefined ? 3 : match[2] === "beta" ? 2 : 1
  return [1, stability, Number(match[1]), Number(match[3] ?? 0)]
}
