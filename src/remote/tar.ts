export interface TarEntry {
  /** Relative; at most 100 ASCII characters. A name that ends in `/` is a directory. */
  readonly name: string
  readonly content: Uint8Array
}

/** A ustar archive: files 0600, directories 0700, both root's. */
export function packTar(entries: readonly TarEntry[]): Buffer {
  const blocks: Uint8Array[] = []
  for (const { name, content } of entries) {
    blocks.push(header(name, content.length), content)
    blocks.push(Buffer.alloc((512 - (content.length % 512)) % 512))
  }
  blocks.push(Buffer.alloc(1024))
  return Buffer.concat(blocks)
}

function header(name: string, sizeBytes: number): Buffer {
  const block = Buffer.alloc(512)
  const directory = name.endsWith("/")
  const octal = (value: number, at: number, width: number): void => {
    block.write(value.toString(8).padStart(width - 1, "0"), at, "ascii")
  }
  block.write(name, 0, 100, "ascii")
  octal(directory ? 0o700 : 0o600, 100, 8)
  octal(0, 108, 8)
  octal(0, 116, 8)
  octal(sizeBytes, 124, 12)
  octal(0, 136, 12)
  block.write("        ", 148, "ascii")
  block.write(directory ? "5" : "0", 156, "ascii")
  block.write("ustar\x0000", 257, "ascii")
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "ascii")
  return block
}
