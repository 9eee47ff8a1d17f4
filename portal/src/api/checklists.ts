/** Client of /api/consult/checklists/{token}: a person's 一次告知单 as it was made. */
import type { AnswerValue } from './consult'
import { at, getJson, postJson } from './http'

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

export interface ChecklistSource {
  section_id: string
  title: string
}

interface ItemShown {
  id: string
  name: string
  department: string
  version: number
  sample: boolean
}

/** All that an item's list tells beside its materials. */
export interface ItemContent {
  conditions: ChecklistLine[]
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
}

interface Given {
  question_id: string
  question: string
  label: string
}

export interface Checklist extends ItemContent {
  kind: 'item'
  token: string
  item: ItemShown
  made_at: string
  /** Version of the guide that is in force now; null if it is no longer offered at all. */
  current_version: number | null
  known: Given[]
  /** Questions whose answers would still change the list. */
  open_questions: { question_id: string; question: string }[]
  /** What follows from an answer by itself: 不用办理. */
  notes: string[]
  materials: ChecklistMaterial[]
  legal_basis: string[]
  sections: ChecklistSource[]
}

/** A question that a life event's list still depends on; `asked_by`: names of the items that ask it, none for the event. */
export interface EventQuestion {
  id: string
  question: string
  kind: 'choice' | 'choices' | 'yes_no' | 'number'
  options: { value: string; label: string; note: string | null }[]
  unit: string | null
  minimum: number | null
  maximum: number | null
  note: string | null
  asked_by: string[]
}

/** What one item wants of a paper that several need. */
export interface WantedMaterial {
  number: number
  item_name: string
  kind: string
  copies: number
  acceptance_standard: string
  exempt: boolean
  when: string | null
  open: boolean
}

export interface SharedMaterial {
  name: string
  exempt: boolean
  wanted: WantedMaterial[]
}

/** One item of the event; `checklist.materials` are those that no other item needs. */
export interface EventItem {
  number: number
  note: string | null
  when: string | null
  open: boolean
  checklist: ItemContent & {
    item: ItemShown
    summary: string
    notes: string[]
    materials: ChecklistMaterial[]
    sources: ChecklistSource[]
  }
}

/** A list over a whole life event (一件事). */
export interface EventChecklist {
  kind: 'event'
  token: string
  item: ItemShown
  made_at: string
  /** The event and the guides that have been changed or withdrawn since, as sentences. */
  warnings: string[]
  summary: string
  known: Given[]
  answers: Record<string, AnswerValue>
  questions: EventQuestion[]
  notes: string[]
  steps: ChecklistLine[]
  shared: SharedMaterial[]
  parts: EventItem[]
  not_held: { name: string | null; department: string }[]
  /** What it takes altogether, as sentences; "" for nothing to say. */
  limit_total: string
  fee_total: string
  places: { name: string; address: string | null; sample: boolean; items: string[] }[]
  legal_basis: string[]
  sections: ChecklistSource[]
  sample_note: string | null
}

const path = (token: string) => `/api/consult/checklists/${encodeURIComponent(token)}`

export const fetchChecklist = (token: string) => getJson<Checklist | EventChecklist>(path(token))
export const pdfAddress = (token: string) => at(`${path(token)}.pdf`)

/** Have one list over a life event made; gives the address of its page. */
export async function makeEventChecklist(event: string, answers: Record<string, AnswerValue>): Promise<string> {
  const made = await postJson<{ token: string }>('/api/consult/checklists', { event_id: event, answers })
  return `/checklists/${encodeURIComponent(made.token)}`
}
