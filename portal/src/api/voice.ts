/** Voice of the people and the bot's numbers, for staff. Every call carries the key of the desk's tab (api/desk). */
import { clerkCall, signIn, type Item, type Line } from './desk'
import { Failure, getJson, readJson } from './http'
import { withBody } from './staffKey'

export type GroupState = 'open' | 'faq' | 'alias' | 'dismissed'
export interface Question {
  session_id: string
  number: number
  question: string
  why: 'unanswered' | 'rated'
  asked_at: string
}
export interface Group {
  id: number
  state: GroupState
  example: string
  questions: number
  since: string
  last_at: string
  item: Item | null
  element: string | null
  examples: Question[]
  entry_id: string | null
  note: string | null
  actor: string | null
}
export interface FollowUp {
  id: number
  question: string
  answer: string
  item: Item | null
  title: string
  reasons: string[]
  comment: string | null
  due_at: string
  overdue: boolean
  state: string
  clerk: string | null
  note: string | null
}

export type By = 'day' | 'item' | 'department' | 'channel'
/** Figures that open the conversations they count. */
export type Count =
  | 'questions'
  | 'answered'
  | 'asked_back'
  | 'not_found'
  | 'handed_over'
  | 'refused'
  | 'with_clerk'
  | 'rated'
  | 'rated_low'
export type Measure = Count | 'unresolved'
export type Figures = Record<Count, number> & {
  key: string
  title: string
  conversations: number
  issues: number
  resolved: number
  mean_grade: number | null
  share_resolved: number | null
  seconds_p95: number | null
}
export interface Numbers {
  total: Figures
  rows: Figures[]
  note: string
}
export interface Conversation {
  session_id: string
  channel: string
  began_at: string
  messages: number
  question: string
  status: string
  grade: number | null
}
export interface Transcript {
  session_id: string
  channel: string
  began_at: string
  lines: Line[]
}

/** Use a key from now on, if the hub takes it for a page that reads `path`. Throws the failure otherwise. */
export const enter = (typed: string, path: string): Promise<void> => signIn(typed, `/api/consult${path}`)

const call = (method: string, path: string, body?: unknown): Promise<Response> =>
  clerkCall(`/api/consult${path}`, withBody(method, body))

export const read = async <T>(path: string): Promise<T> => readJson<T>(await call('GET', path))
export const act = (path: string, body?: unknown): Promise<Response> => call('POST', path, body)

/** Items that words may mean, the best first; the search is open to everyone. */
export async function findItems(words: string): Promise<Item[]> {
  const query = new URLSearchParams({ q: words, k: '6' })
  return (await getJson<{ entries: Item[] }>(`/api/library/search?${query}`)).entries
}

export const wordsOf = (error: unknown): string => (error instanceof Failure ? error.message : '没有成功，请重试。')

const SHANGHAI = 'Asia/Shanghai'
export const dayOf = (moment: Date): string => moment.toLocaleDateString('sv-SE', { timeZone: SHANGHAI })
export const moment = (value: string): string =>
  new Date(value).toLocaleString('zh-CN', {
    timeZone: SHANGHAI,
    month: 'numeric',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
