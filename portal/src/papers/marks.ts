/** What is marked on a page's image: fields, seals and signatures, or the lines of its text. */
import type { Page, Paper } from '../api/documents'
import type { Point } from './geometry'
import { outlines } from './outlines'
import { keyOf, notesOn, shown, STANDING_WORDS, standingOf, type Standing } from './standing'

export type Look = Standing | 'line' | 'doubtful' | 'found' | 'seal' | 'signature' | 'drawn' | 'defect'

export interface Mark {
  key: string
  /** Polygons; a value in several places has several. */
  boxes: Point[][]
  look: Look
  /** What a screen reader says of it. */
  label: string
}

/** Confidence below which a line should be looked at. */
export const DOUBTFUL = 0.8

export const lineKey = (at: number) => `line/${at}`
export const sealKey = (page: number, at: number) => `seal/${page}/${at}`
export const signatureKey = (page: number, at: number) => `signature/${page}/${at}`

/** The fields of all papers that stand on page `number`. */
export function fieldMarks(papers: readonly Paper[], page: Page, number: number): Mark[] {
  return papers.flatMap((paper) =>
    paper.fields.flatMap((field) => {
      const boxes = field.places.filter((place) => place.page === number).map((place) => place.box)
      if (!boxes.length) return []
      const key = keyOf(paper, field)
      const standing = standingOf(field)
      const words = [field.name, shown(field.value), STANDING_WORDS[standing], ...notesOn(field)].filter(Boolean)
      return [{ key, boxes: outlines(boxes, page), look: standing, label: words.join('，') }]
    }),
  )
}

/** The seals and signatures of page `number`. */
export function stampMarks(page: Page, number: number): Mark[] {
  const seals = (page.seals ?? []).map((seal, at): Mark => {
    const doubt = seal.confidence !== undefined && seal.confidence < DOUBTFUL ? '（请核对）' : ''
    const label = seal.text ? `印章：${seal.text}${doubt}` : '印章，文字没有读出'
    return { key: sealKey(number, at), boxes: [seal.box], look: 'seal', label }
  })
  const signatures = (page.signatures ?? []).map((one, at): Mark => {
    return { key: signatureKey(number, at), boxes: [one.box], look: 'signature', label: one.label ? `签名（${one.label}）` : '签名' }
  })
  return [...seals, ...signatures]
}

/** The lines of a page; those that a search found stand out. */
export function lineMarks(page: Page, found: ReadonlySet<number>): Mark[] {
  return page.lines.map((line, at) => ({
    key: lineKey(at),
    boxes: [line.box],
    look: found.has(at) ? 'found' : line.confidence < DOUBTFUL ? 'doubtful' : 'line',
    label: line.text,
  }))
}

