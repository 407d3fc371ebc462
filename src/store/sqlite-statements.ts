import type { DatabaseSync, StatementSync } from "node:sqlite"

const columns = "h.key, h.value, h.create_revision, h.revision, h.previous_revision, h.checksum"

/**
 * The newest row of every key from ?1 on and before ?2, as of revision ?3, removals left out. It
 * follows the index, so that a page costs what the page holds and not what comes after it.
 */
const state = `history AS h INDEXED BY history_by_key
  WHERE h.key >= ?1 AND h.key < ?2 AND h.revision <= ?3 AND h.value IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM history AS l
    WHERE l.key = h.key AND l.revision > h.revision AND l.revision <= ?3)`

/** Every statement that the driver runs more than once; rows come as arrays. */
export function prepareStatements(database: DatabaseSync) {
  const prepare = (sql: string): StatementSync => {
    const statement = database.prepare(sql)
    statement.setReturnArrays(true)
    return statement
  }
  return {
    highest: prepare("SELECT max(revision) FROM history"),
    newest: prepare(
      `SELECT ${columns} FROM history AS h WHERE h.key = ?1 ORDER BY h.revision DESC LIMIT 1`,
    ),
    list: prepare(`SELECT ${columns} FROM ${state} ORDER BY h.key LIMIT ?4`),
    count: prepare(`SELECT count(*) FROM ${state}`),
    history: prepare(`SELECT ${columns}, ${columns.replaceAll("h.", "p.")} FROM history AS h
      LEFT JOIN history AS p ON p.revision = h.previous_revision
      WHERE h.revision > ?1 ORDER BY h.revision LIMIT ?2`),
    forgotten: prepare(`SELECT revision, previous_revision, value IS NULL FROM history
      WHERE revision > ?1 AND revision <= ?2 ORDER BY revision LIMIT ?3`),
    insert: prepare("INSERT INTO history VALUES (?1, ?2, ?3, ?4, ?5, ?6)"),
    remove: prepare("DELETE FROM history WHERE revision = ?1"),
    meta: prepare("SELECT value FROM meta WHERE name = ?1"),
    setMeta: prepare("UPDATE meta SET value = ?1 WHERE name = ?2"),
  } as const
}
