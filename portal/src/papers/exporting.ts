/** The fields of a file as JSON for programs and as CSV for spreadsheets. */
import type { Paper } from '../api/documents'
import { shown, STANDING_WORDS, standingOf } from './standing'

const BYTE_ORDER_MARK = '\uFEFF'

export interface Exported {
  name: string
  documentId: string | null
  papers: Paper[]
}

export function asJson({ name, documentId, papers }: Exported): string {
  const told = papers.map((paper) => ({
    number: paper.number,
    kind: paper.kind,
    title: paper.title,
    chance: paper.chance,
    named_by_person: paper.named_by_person,
    pages: paper.pages,
    fields: paper.fields.map((field) => ({ ...field, standing: standingOf(field) })),
  }))
  const whole = { file_name: name, document_id: documentId, exported_at: new Date().toISOString(), papers: told }
  return JSON.stringify(whole, null, 2)
}

/**
 * A cell of a CSV file. Spreadsheets take text that begins with = + - @ for a formula, and cut long numbers down to 15
 * digits: a tab in front keeps both as they are.
 */
function cell(text: string): string {
  const kept = /^[=+\-@\t\r]/.test(text) || /^[0-9]{12,}$/.test(text) ? `\t${text}` : text
  return /[",\r\n\t]/.test(kept) ? `"${kept.replace(/"/g, '""')}"` : kept
}

export function asCsv({ name, papers }: Exported): string {
  const rows = [['文件', '序号', '材料', '字段', '值', '状态', '把握', '页']]
  for (const paper of papers) {
    for (const field of paper.fields) {
      const pages = [...new Set(field.places.map((place) => place.page))].join(' ')
      const standing = STANDING_WORDS[standingOf(field)]
      const confidence = field.corrected ? '' : field.confidence.toFixed(3)
      rows.push([name, `${paper.number}`, paper.title, field.name, shown(field.value), standing, confidence, pages])
    }
  }
  return BYTE_ORDER_MARK + rows.map((row) => row.map(cell).join(',')).join('\r\n') + '\r\n'
}

/** Hand a text to the person as a file. */
export function download(fileName: string, mediaType: string, content: string): void {
  const address = URL.createObjectURL(new Blob([content], { type: mediaType }))
  const link = document.createElement('a')
  link.href = address
  link.download = fileName
  link.click()
  // The browser has its own hold on the blob by then.
  window.setTimeout(() => URL.revokeObjectURL(address), 1000)
}
