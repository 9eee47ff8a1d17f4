/** Client of /api/consult/checklists/{token}: a person's 一次告知单 as it was made. */
import { at, getJson } from './http'

/** One material. `open`: whether it is needed depends on an answer that was not given, told in `when`. */
export interface ChecklistMaterial {
  name: string
  necessity: string
  kind: string
  copies: number
  source: string | null
  page_format: string | null
  filling_notes: string | null
  acceptance_standard: string
  /** 免于提交: shared data hold it. */
  exempt: boolean
  electronic_licence: string | null
  blank_form: string | null
  sample_form: string | null
  when: string | null
  open: boolean
}

/** A condition, step, limit, fee or result: what it is called, if it is, what it says, and what belongs to it. */
export interface ChecklistLine {
  name: string | null
  text: string
  details: string[]
  when: string | null
  open: boolean
}

export interface ChecklistPlace {
  name: string
  address: string | null
  window: string | null
  sample: boolean
  when: string | null
  open: boolean
}

export interface Checklist {
  token: string
  item: { id: string; name: string; department: string; version: number; sample: boolean }
  made_at: string
  /** Version of the guide that is in force now; null if it is no longer offered at all. */
  current_version: number | null
  known: { question_id: string; question: string; label: string }[]
  /** Questions whose answers would still change the list. */
  open_questions: { question_id: string; question: string }[]
  /** What follows from an answer by itself: 不用办理. */
  notes: string[]
  conditions: ChecklistLine[]
  materials: ChecklistMaterial[]
  steps: ChecklistLine[]
  limits: ChecklistLine[]
  fees: ChecklistLine[]
  results: ChecklistLine[]
  visits: string | null
  online: string | null
  places: ChecklistPlace[]
  hours: string[]
  phones: { name: string; number: string }[]
  /** What people forget afterwards: validity, deadlines, renewals. */
  remember: string[]
  legal_basis: string[]
  sections: { section_id: string; title: string }[]
}

const path = (token: string) => `/api/consult/checklists/${encodeURIComponent(token)}`

export const fetchChecklist = (token: string) => getJson<Checklist>(path(token))
export const pdfAddress = (token: string) => at(`${path(token)}.pdf`)
