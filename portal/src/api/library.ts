/** The content library's interface for content staff. Every call carries the editor's key. */

import type { Kind } from '../library/fields'
import type { Group, Value } from '../library/places'
import { readJson } from './http'
import { staffKey, withBody } from './staffKey'

const staff = staffKey('kaopu-editor-key')
/** The key in use; empty until somebody signs in. */
export const editorKey = staff.key
export const { signOut } = staff
const { call } = staff

/** Use a key from now on, if the hub takes it. Throws the failure otherwise. */
export const signIn = (typed: string): Promise<void> => staff.signIn(typed, address('/entries', { page_size: 1 }))

type Query = Record<string, string | number | undefined>

function address(path: string, query: Query = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '')
  const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString()
  return `/api/library${path}${search ? `?${search}` : ''}`
}

export async function get<T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> {
  return readJson<T>(await call(address(path, query), {}, signal))
}

export async function put<T>(path: string, body: unknown): Promise<T> {
  return readJson<T>(await call(address(path), withBody('PUT', body)))
}

export async function post<T>(path: string, body: unknown = {}, signal?: AbortSignal): Promise<T> {
  return readJson<T>(await call(address(path), withBody('POST', body), signal))
}

export async function remove(path: string): Promise<void> {
  await call(address(path), { method: 'DELETE' })
}

export async function upload<T>(path: string, file: File, fields: Record<string, string> = {}): Promise<T> {
  const body = new FormData()
  body.append('file', file)
  for (const [name, value] of Object.entries(fields)) body.append(name, value)
  return readJson<T>(await call(address(path), { method: 'POST', body }))
}

/** Save what the hub sends as a file; a link alone could not carry the key. */
export async function download(path: string, name: string, query?: Query): Promise<void> {
  const blob = await (await call(address(path, query))).blob()
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  window.setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}

export interface SectionPreview {
  id: string
  element: string
  title: string
  text: string
}

export interface PartPreview {
  place: string
  name: string
  when: string | null
  applies: boolean | null
}

export interface Situation {
  id: string
  question: string
  kind: 'choice' | 'choices' | 'yes_no' | 'number'
  options: { value: string; label: string; note: string | null }[]
  unit: string | null
  note: string | null
}

export interface Preview {
  sections: SectionPreview[]
  parts: PartPreview[]
  answers: Group
  next_question: Situation | null
  state: 'open' | 'complete'
}

export const preview = (kind: Kind, document: Group, answers: Group, signal?: AbortSignal) =>
  post<Preview>('/preview', { kind, document, answers }, signal)

export type { Group, Kind, Value }

export type State = 'draft' | 'review' | 'approved' | 'published' | 'superseded' | 'withdrawn'

export const STATE_TITLES: Record<State, string> = {
  draft: '草稿',
  review: '待审核',
  approved: '待发布',
  published: '已发布',
  superseded: '已替换',
  withdrawn: '已撤下',
}

export interface Person {
  id: string
  name: string
}

export interface Summary {
  id: string
  kind: Kind
  name: string
  department: string
  state: State
  state_title: string
  published: number | null
  open: number | null
  faults: number
  effective_date: string | null
  publish_on: string | null
  author: Person
  updated_by: Person
  updated_at: string
  mine: boolean
}

export interface EntryList {
  total: number
  page: number
  page_size: number
  states: Partial<Record<State, number>>
  kinds: Partial<Record<Kind, number>>
  entries: Summary[]
}

export interface VersionHead {
  number: number
  state: State
  state_title: string
  name: string
  revision: number
  based_on: number | null
  note: string | null
  effective_date: string | null
  publish_on: string | null
  author: Person
  updated_by: Person
  submitted_by: Person | null
  approved_by: Person | null
  published_by: Person | null
  updated_at: string
  published_at: string | null
  ended_at: string | null
  mine: boolean
}

export interface Version extends VersionHead {
  entry_id: string
  kind: Kind
  department: string
  document: Group
  faults: { field: string; expected: string }[]
}

export interface EntryDetail {
  id: string
  kind: Kind
  name: string
  published: Version | null
  open: Version | null
  versions: VersionHead[]
}

export interface HistoryEvent {
  number: number
  action: string
  action_title: string
  by: Person
  at: string
  note: string | null
}

export interface Difference {
  before: number
  after: number
  elements: {
    element: string
    title: string
    changes: {
      place: string
      title: string
      change: 'added' | 'removed' | 'changed' | 'moved'
      before: Value
      after: Value
      words: { operation: 'same' | 'added' | 'removed'; text: string }[]
    }[]
  }[]
}

export interface Finding {
  rule: string
  title: string
  severity: 'error' | 'warning' | 'info'
  field: string
  words: string
  reason: string
  suggestion: string
}

export type FindingCounts = Record<Finding['severity'], number>

/** What the checker says about everything in force, worst first. */
export interface LibraryFindings {
  checked: number
  counts: FindingCounts
  entries: { entry_id: string; kind: Kind; name: string; department: string; counts: FindingCounts; findings: Finding[] }[]
}

export interface Statistics {
  published: Partial<Record<Kind, number>>
  states: Partial<Record<State, number>>
}

export interface EntryQuery extends Query {
  kind?: string
  department?: string
  state?: string
  q?: string
  effective_on?: string
  page?: number
  page_size?: number
}

const path = (id: string, rest = '') => `/entries/${encodeURIComponent(id)}${rest}`

export const entries = (query: EntryQuery, signal?: AbortSignal) => get<EntryList>('/entries', query, signal)
export const entry = (id: string) => get<EntryDetail>(path(id))
export const version = (id: string, number: number) => get<Version>(path(id, `/versions/${number}`))
export const history = (id: string) => get<{ events: HistoryEvent[] }>(path(id, '/history'))
export const difference = (id: string, from: number, to: number) => get<Difference>(path(id, '/diff'), { from, to })
export const reviews = () => get<Summary[]>('/reviews')
export const departments = () => get<{ name: string; entries: number }[]>('/departments')
export const lint = (kind: Kind, document: Group, signal?: AbortSignal) =>
  post<{ counts: Record<string, number>; findings: Finding[] }>('/lint', { kind, document }, signal)
export const lintAll = () => get<LibraryFindings>('/lint?severity=error&severity=warning')
export const statistics = () => get<Statistics>('/stats')
export const create = (kind: Kind, document: Group) => post<Version>('/entries', { kind, document })
export const begin = (id: string, from?: number) => post<Version>(path(id, '/draft'), from ? { from_version: from } : {})
export const save = (id: string, revision: number, document: Group, based?: number) =>
  put<Version>(path(id, '/draft'), based ? { revision, document, based_on: based } : { revision, document })
export const discard = (id: string, revision: number) => remove(path(id, `/draft?revision=${revision}`))
export const decide = (id: string, action: 'submit' | 'recall' | 'approve' | 'reject', revision: number, note?: string) =>
  post<Version>(path(id, `/${action}`), note ? { revision, note } : { revision })
export const publish = (id: string, revision: number) =>
  post<{ state: State; effective_date: string | null }>(path(id, '/publish'), { revision })
export const withdraw = (id: string, note: string, force: boolean) => post(path(id, '/withdraw'), { note, force })

/** A moment as people write it here: 11月23日 14:05. */
export function moment(value: string | null): string {
  if (!value) return ''
  const at = new Date(value)
  const time = at.toLocaleTimeString('zh-CN', { hour: '2-digit', minute: '2-digit', hour12: false })
  const year = at.getFullYear() === new Date().getFullYear() ? '' : `${at.getFullYear()}年`
  return `${year}${at.getMonth() + 1}月${at.getDate()}日 ${time}`
}
