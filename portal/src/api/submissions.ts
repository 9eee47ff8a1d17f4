/**
 * Client of /api/submissions: open a submission, hand papers in, see what the check found, rule, decide. The same calls for
 * applicants (nobody's key: who knows the id) and clerks (their key); what one of them may do is the hub's to say.
 */
import type { Point } from '../papers/geometry'
import { getJson, readJson, send } from './http'
import { withBody } from './staffKey'

export type State = 'draft' | 'received' | 'accepted' | 'correction' | 'refused' | 'done' | 'returned'
export type Step = 'submit' | 'supplement' | 'accept' | 'correct' | 'refuse' | 'complete' | 'return'
export type Severity = 'defect' | 'undetermined' | 'note'
export type Ruling = 'confirmed' | 'overruled'
export type By = 'machine' | 'person' | 'law'
export type Verdict = 'pass' | 'to_correct' | 'to_person'
export type MaterialState = 'matched' | 'partly' | 'missing' | 'exempt' | 'later' | 'not_needed' | 'open' | 'by_person'
export type Answers = Record<string, unknown>
export type FormValues = Record<string, string | null>

export interface Evidence {
  material: string | null
  document_id: string | null
  /** Number of the paper in its document. */
  paper: number | null
  page: number | null
  box: Point[] | null
  field: string | null
  field_name: string | null
  text: string
  confidence: number
}

export interface Finding {
  key: string
  rule: string
  aspect: string
  severity: Severity
  material: string | null
  material_name: string | null
  clerk: string
  applicant: string
  mend: string
  evidence: Evidence[]
  confidence: number
  reason: string | null
  by: 'machine' | 'person'
  ruling: Ruling | null
  ruled_by: string | null
  ruled_at: string | null
  ruling_reason: string | null
}

export interface Material {
  id: string
  name: string
  necessity: string
  acceptance_standard: string
  when: string | null
  state: MaterialState
  /** `document/number`. */
  papers: string[]
}

export interface SubmittedPaper {
  number: number
  kind: string
  title: string
  pages: number[]
  material: string | null
}

export interface SubmittedDocument {
  id: string
  file_name: string
  status: 'queued' | 'reading' | 'done' | 'failed'
  page_count: number
  material: string | null
  papers: SubmittedPaper[]
}

export interface Timer {
  name: 'notice' | 'statutory' | 'promised'
  title: string
  due_on: string
  working_days_left: number | null
  stopped: boolean
  overdue: boolean
}

export interface Report {
  number: number
  run_at: string
  verdict: Verdict
  findings: Finding[]
  materials: Material[]
  strangers: string[]
  rules_run: number
  stale: boolean
  versions: Record<string, string>
}

/** One question of an item's questionnaire (情形). */
export interface Situation {
  id: string
  question: string
  kind: 'choice' | 'choices' | 'yes_no' | 'number'
  options?: { value: string; label: string; note?: string | null }[]
  unit?: string | null
  minimum?: number | null
  maximum?: number | null
  note?: string | null
}

export interface FormField {
  id: string
  name: string
  kind: string
  required: boolean
  options: string[]
  note: string | null
}

export interface Submission {
  id: string
  item_id: string
  item_name: string
  item_version: number
  item_withdrawn: boolean
  state: State
  state_title: string
  answers: Answers
  form: FormValues
  applied_on: string | null
  created_at: string
  revision: number
  documents: SubmittedDocument[]
  report: Report | null
  timers: Timer[]
  claimed_by: string | null
  claimed_by_me: boolean
  claimed_until: string | null
  allowed: Step[]
  decided_by: 'machine' | 'person' | null
  situations: Situation[]
  form_fields: FormField[]
  external_id: string | null
}

export interface QueueEntry {
  id: string
  item_name: string
  state: State
  state_title: string
  applied_on: string | null
  due_on: string | null
  working_days_left: number | null
  overdue: boolean
  defects: number
  undetermined: number
  risk: number
  documents: number
  claimed_by: string | null
  claimed_by_me: boolean
  blind_sample: boolean
}

export interface HistoryLine {
  number: number
  at: string
  what: string
  title: string
  by: By
  who: string
  detail: Record<string, unknown>
  digest: string
}

export interface Prefilled {
  field: string
  name: string
  value: string | null
  source: string | null
  evidence: Evidence | null
  confidence: number
  sure: boolean
  disputed: Evidence[]
}

export interface NoticePoint {
  material: string
  problem: string
  mend: string
}

export interface Notice {
  submission_id: string
  item_name: string
  number: string
  made_at: string
  points: NoticePoint[]
  within: string
  department: string
  phone: string | null
}

export interface Refused {
  file_name: string
  error: { code: string; message: string }
}

export interface Guide {
  document: {
    id: string
    name: string
    materials?: { id: string; name: string; necessity?: string; acceptance_standard?: string; when?: string }[]
  }
}

/** What applies for some answers; `parts` name what carries a rule: `materials.2`. */
export interface Situated {
  parts: { place: string; name: string; when: string | null; applies: boolean | null }[]
  answers: Answers
  next_question: Situation | null
  state: 'open' | 'complete'
}

const ALL = '/api/submissions'
const at = (id: string, rest = '') => `${ALL}/${encodeURIComponent(id)}${rest}`

async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  return readJson<T>(await send(path, withBody(method, body)))
}

export interface QueueFilters {
  states: State[]
  mine: boolean
  page: number
}

export const PAGE_SIZE = 50

export function fetchQueue({ states, mine, page }: QueueFilters, signal?: AbortSignal): Promise<QueueEntry[]> {
  const query = new URLSearchParams({ page: String(page), page_size: String(PAGE_SIZE) })
  for (const state of states) query.append('state', state)
  if (mine) query.set('mine', 'true')
  return getJson(`${ALL}?${query}`, signal)
}

export const openSubmission = (item: string, answers: Answers) =>
  call<Submission>('POST', ALL, { item_id: item, answers, draft: true })
export const fetchSubmission = (id: string, signal?: AbortSignal) => getJson<Submission>(at(id), signal)
export const changeSubmission = (id: string, revision: number, change: { answers?: Answers; form?: FormValues }) =>
  call<Submission>('PATCH', at(id), { revision, ...change })
export const takeStep = (id: string, revision: number, step: Step, reason: string | null) =>
  call<Submission>('POST', at(id, '/steps'), { step, revision, reason })
export const claim = (id: string) => call<Submission>('POST', at(id, '/claim'))
export const release = (id: string) => call<Submission>('POST', at(id, '/release'))
export const runCheck = (id: string) => call<Submission>('POST', at(id, '/check'))
export const rule = (id: string, key: string, revision: number, ruling: Ruling | null, reason: string | null) =>
  call<Submission>('PUT', at(id, `/findings/${encodeURIComponent(key)}`), { ruling, reason, revision })
export const addFinding = (
  id: string,
  revision: number,
  found: { material: string | null; applicant: string; mend: string },
) => call<Submission>('POST', at(id, '/findings'), { ...found, revision })
export const namePaper = (id: string, document: string, material: string | null) =>
  call<Submission>('PUT', at(id, `/papers/${encodeURIComponent(document)}`), { material })
export const takePaperBack = (id: string, document: string) =>
  call<Submission>('DELETE', at(id, `/papers/${encodeURIComponent(document)}`))
export const fetchHistory = (id: string) => getJson<HistoryLine[]>(at(id, '/history'))
export const fetchPrefill = (id: string) => getJson<Prefilled[]>(at(id, '/prefill'))
export const fetchNotice = (id: string) => getJson<Notice>(at(id, '/notice'))
export const noticePdf = (id: string) => at(id, '/notice.pdf')
export const eventsOf = (id: string) => at(id, '/events')

/** Hand files in, each kept or refused by itself; `material`: as which one they are meant, if somebody said so. */
export async function handIn(
  id: string,
  files: readonly File[],
  material: string | null,
): Promise<{ submission: Submission; refused: Refused[] }> {
  const form = new FormData()
  // Before the files: what is sent as a stream is read in its order.
  if (material) form.append('material', material)
  for (const file of files) form.append('file', file, file.name)
  return readJson(await send(at(id, '/papers'), { method: 'POST', body: form }))
}

export const fetchGuide = (item: string) => getJson<Guide>(`/api/library/guides/${encodeURIComponent(item)}`)
export const situate = (item: string, answers: Answers) =>
  call<Situated>('POST', `/api/library/guides/${encodeURIComponent(item)}/situation`, { answers })

/** Of a number of cases, in hours; nine of ten took no longer than `ninety`. */
export interface Spread {
  count: number
  middle: number | null
  ninety: number | null
}

export interface Figures {
  days: number
  opened: number
  first_answer: Spread
  whole: Spread
  accepted_by_law: number
  rules: { rule: string; findings: number; confirmed: number; overruled: number; overrule_rate: number | null }[]
  clerks: { clerk: string; confirmed: number; overruled: number; overrule_rate: number | null; decisions: number }[]
  automatic: { decided: number; sampled: number; declined: number; share: number | null; reasons: Record<string, number> }
  check_milliseconds: number | null
}

/** One case behind a number. */
export interface CaseRecord {
  id: string
  item_name: string
  state: State
  state_title: string
  updated_at: string
}

export const fetchFigures = (days: number) => getJson<Figures>(`${ALL}/reports?days=${days}`)
export const fetchRecords = (query: Record<string, string>) =>
  getJson<CaseRecord[]>(`${ALL}/reports/cases?${new URLSearchParams(query)}`)
