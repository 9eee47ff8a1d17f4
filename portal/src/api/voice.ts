/** Voice of the people and the bot's numbers, for staff. Every call carries the key of the desk's tab (api/desk). */
import { clerkKey, signOut } from './desk'
import { Failure, readJson, send } from './http'

export interface Item {
  id: string
  name: string
}
export interface Group {
  id: number
  state: string
  example: string
  questions: number
  since: string
  item: Item | null
  element: string | null
  examples: { session_id: string; number: number; question: string }[]
}
export interface FollowUp {
  id: number
  question: string
  answer: string
  title: string
  reasons: string[]
  comment: string | null
  due_at: string
  overdue: boolean
  state: string
}
export interface Figures {
  key: string
  title: string
  questions: number
  conversations: number
  answered: number
  asked_back: number
  not_found: number
  handed_over: number
  refused: number
  with_clerk: number
  rated_low: number
  mean_grade: number | null
  share_resolved: number | null
  seconds_p95: number | null
}
export interface Conversation {
  session_id: string
  channel: string
  began_at: string
  messages: number
  question: string
}

/** Use a key from now on, if the hub takes it for these pages. Throws the failure otherwise. */
export async function enter(typed: string): Promise<void> {
  const key = typed.trim()
  await send('/api/consult/numbers', { headers: { Authorization: `Bearer ${key}` } })
  clerkKey.value = key
}

async function call(method: string, path: string, body?: unknown): Promise<Response> {
  const headers: Record<string, string> = { Authorization: `Bearer ${clerkKey.value}` }
  const init: RequestInit = { method, headers }
  if (body !== undefined) {
    init.body = JSON.stringify(body)
    headers['Content-Type'] = 'application/json'
  }
  try {
    return await send(`/api/consult${path}`, init)
  } catch (error) {
    if (error instanceof Failure && error.status === 401) signOut()
    throw error
  }
}

export const read = async <T>(path: string): Promise<T> => readJson<T>(await call('GET', path))
export const act = (path: string, body?: unknown): Promise<Response> => call('POST', path, body)
