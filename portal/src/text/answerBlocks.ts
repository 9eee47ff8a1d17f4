/**
 * An answer's text as blocks to render: paragraphs and lists, never markup.
 *
 * The hub's texts are plain: line breaks, lines that begin with "1. " or "1、", and lines that begin with "- " or "• ".
 * Everything else, `<b>` included, is text and stays text.
 */
export type Block =
  | { kind: 'paragraph'; text: string }
  | { kind: 'numbered'; start: number; items: string[] }
  | { kind: 'bulleted'; items: string[] }

const NUMBERED = /^\s*(\d{1,3})(?:[.．]\s+|、\s*)(\S.*)$/
const BULLETED = /^\s*[-•·]\s+(\S.*)$/

export function answerBlocks(text: string): Block[] {
  const blocks: Block[] = []
  /** Whether the next plain line belongs to the last list item: it is indented. */
  let open = false
  for (const line of text.replace(/\r\n?/g, '\n').split('\n')) {
    const last = blocks[blocks.length - 1]
    const numbered = NUMBERED.exec(line)
    const bulleted = numbered ? null : BULLETED.exec(line)
    if (numbered) {
      const [, number = '1', words = ''] = numbered
      // A list goes on only while its numbers do: "1. 2. 1. 2." are two lists.
      if (last?.kind === 'numbered' && Number(number) === last.start + last.items.length) last.items.push(words)
      else blocks.push({ kind: 'numbered', start: Number(number), items: [words] })
      open = true
    } else if (bulleted) {
      const words = bulleted[1] ?? ''
      if (last?.kind === 'bulleted') last.items.push(words)
      else blocks.push({ kind: 'bulleted', items: [words] })
      open = true
    } else if (!line.trim()) {
      open = false
    } else if (open && /^\s/.test(line) && last && last.kind !== 'paragraph') {
      last.items[last.items.length - 1] += `\n${line.trim()}`
    } else {
      blocks.push({ kind: 'paragraph', text: line.trim() })
      open = false
    }
  }
  return blocks
}

/** What a guide tells of one material after its name; each begins a line of its own. */
const TOLD_BELOW = /。(?=仅在下列情形提交：|填报须知：|受理标准：|能通过数据共享核验|可调用电子证照：)/g

/** A list's item as its first words and the lines below them; the words stay as they are. */
export function itemLines(item: string): { head: string; more: string } {
  const lines = item.replace(TOLD_BELOW, '。\n')
  const end = lines.indexOf('\n')
  return end < 0 ? { head: lines, more: '' } : { head: lines.slice(0, end), more: lines.slice(end + 1) }
}
