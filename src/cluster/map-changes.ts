type Texts = Readonly<Record<string, string>>

/**
 * The merge patch of labels or annotations that sets what is wanted and takes off what was wanted
 * earlier; undefined when nothing changes. What nobody ever wanted stays.
 */
export function mapChanges(
  current: Texts,
  wanted: Texts,
  earlier: readonly string[],
): Readonly<Record<string, string | null>> | undefined {
  const set = Object.entries(wanted).filter(([name, value]) => current[name] !== value)
  const gone = earlier.filter((name) => !(name in wanted) && name in current)
  if (set.length === 0 && gone.length === 0) return undefined
  return { ...Object.fromEntries(set), ...Object.fromEntries(gone.map((name) => [name, null])) }
}
