/** Find words in the lines that were read, whatever their width, case and spaces. */
import type { Page } from '../api/documents'

export interface Hit {
  /** From 1. */
  page: number
  /** Index of the line on its page. */
  line: number
}

export const plain = (text: string) => text.normalize('NFKC').replace(/\s+/g, '').toLowerCase()

/** Shorter words are looked for within lines only: the end of one line and the beginning of the next make any of them. */
const RUNS_ON = 4

/** The lines that hold `wanted`, in reading order; a text that runs on into the next line is found in both. */
export function linesWith(pages: readonly Page[], wanted: string): Hit[] {
  const needle = plain(wanted)
  if (!needle) return []
  return pages.flatMap((page, index) => {
    const texts = page.lines.map((line) => plain(line.text))
    const found = new Set(texts.flatMap((text, line) => (text.includes(needle) ? [line] : [])))
    if (needle.length >= RUNS_ON) {
      const whole = texts.join('')
      for (let at = whole.indexOf(needle); at >= 0; at = whole.indexOf(needle, at + 1)) {
        let begin = 0
        texts.forEach((text, line) => {
          if (text && begin < at + needle.length && begin + text.length > at) found.add(line)
          begin += text.length
        })
      }
    }
    return [...found].sort((one, other) => one - other).map((line) => ({ page: index + 1, line }))
  })
}
