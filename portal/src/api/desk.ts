/**
 * The clerks' side of /api/consult. Every call carries the clerk's key, which lives in this tab only (sessionStorage): a
 * shared office machine must not keep it.
 */

import { ref } from 'vue'
import type { Answer } from './consult'
import { at, Failure, readJson, send } from './http'

const STORED = 'kaopu-clerk-key'

function stored(): string {
  try {
    return sessionStorage.getItem(STORED) ?? ''
  } catch {
    return ''
  }
}

/** The key in use; empty until somebody signs in. */
export const clerkKey = ref(stored())

/** Use a key from now on, if the hub takes it for `path`. Throws the failure otherwise. */
export async function signIn(typed: string, path = '/api/consult/desk/duty'): Promise<void> {
  const key = typed.trim()
  await send(path, { headers: { Authorization: `Bearer ${key}` } })
  clerkKey.value = key
  try {
    sessionStorage.setItem(STORED, key)
  } catch {
    // Without storage the key lasts until the page is left.
  }
}

export function signOut(): void {
  clerkKey.value = ''
  try {
    sessionStorage.removeItem(STORED)
  } catch {
    // Nothing was stored.
  }
}

async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const headers: Record<string, string> = { Authorization: `Bearer ${clerkKey.value}` }
  const init: RequestInit = { method, headers }
  if (body !== undefined) {
    init.body = JSON.stringify(body)
    headers['Content-Type'] = 'application/json'
  }
  try {
    return await readJson<T>(await send(`/api/consult/desk${path}`, init))
  } catch (error) {
    // The key was revoked or is wrong: ask for it again rather than failing at every click.
    if (error instanceof Failure && error.status === 401) signOut()
    throw error
  }
}

export interface Item {
  id: string
  name: string
}

export interface Duty {
  on_duty: boolean
  available: boolean
  since: string | null
  open_now: boolean
  hours: string
  clerks: string[]
}

export type HandoverState = 'waiting' | 'attended' | 'callback' | 'given_back' | 'closed' | 'left'

export interface Summary {
  id: number
  state: HandoverState
  place: number | null
  item: Item | null
  reason: 'asked' | 'failed' | 'rule'
  channel: string | null
  last_question: string | null
  clerk: string | null
  mine: boolean
  here: boolean
  requested_at: string
  waited_seconds: number
  promised_at: string | null
  revision: number
}

export interface Callback {
  id: number
  handover_id: number
  state: 'waiting' | 'taken' | 'done' | 'dropped'
  item: Item | null
  last_question: string | null
  phone_shown: string
  phone: string | null
  name: string | null
  promised_at: string
  overdue: boolean
  clerk: string | null
  mine: boolean
  note: string | null
  created_at: string
}

export interface Queue {
  waiting: Summary[]
  attended: Summary[]
  ended: Summary[]
  callbacks: Callback[]
  duty: Duty
}

export interface Line {
  author: 'citizen' | 'bot' | 'clerk' | 'system'
  text: string
  at: string
  clerk: string | null
  status: string | null
  item: Item | null
  section_ids: string[]
}

export interface Detail {
  summary: Summary
  transcript: Line[]
  events: { action: string; by: string; at: string; note: string | null }[]
  question: string | null
  faq_id: string | null
}

export interface BotAnswer {
  question: string | null
  answer: Answer | null
}

export interface Faq {
  item_id: string
  element: string
  question: string
  answer: string
}

export const REASONS: Record<Summary['reason'], string> = { asked: '市民要求', failed: '多次没答上', rule: '按规则转' }

export const duty = () => call<Duty>('GET', '/duty')
export const come = () => call<Duty>('POST', '/duty')
export const go = () => call<Duty>('DELETE', '/duty')
export const queue = () => call<Queue>('GET', '/queue')
export const detail = (id: number) => call<Detail>('GET', `/handovers/${id}`)
export const botAnswer = (id: number) => call<BotAnswer>('GET', `/handovers/${id}/answer`)
export const take = (id: number) => call<Summary>('POST', `/handovers/${id}/take`)
export const say = (id: number, text: string) => call<{ text: string }>('POST', `/handovers/${id}/messages`, { text })
export const giveBack = (id: number) => call<Summary>('POST', `/handovers/${id}/give-back`)
export const close = (id: number) => call<Summary>('POST', `/handovers/${id}/close`)
export const draftFaq = (id: number, faq: Faq) =>
  call<{ entry_id: string; number: number }>('POST', `/handovers/${id}/faq`, faq)
export const takeCall = (id: number) => call<Callback>('POST', `/callbacks/${id}/take`)
export const releaseCall = (id: number) => call<Callback>('POST', `/callbacks/${id}/release`)
export const endCall = (id: number, note: string) => call<Callback>('POST', `/callbacks/${id}/done`, note ? { note } : {})

/**
 * Call `changed` whenever something happens at the desk, until `signal` aborts. An EventSource can't carry a key, so the
 * stream is read by hand; what breaks it off ends the promise, and the caller tries again.
 */
export async function listen(changed: () => void, signal: AbortSignal): Promise<void> {
  const headers = { Authorization: `Bearer ${clerkKey.value}`, Accept: 'text/event-stream' }
  const response = await fetch(at('/api/consult/desk/events'), { headers, signal })
  if (!response.ok || !response.body) return
  const reader = response.body.getReader()
  const decoder = new TextDecoder()
  let rest = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    const blocks = (rest + decoder.decode(value, { stream: true })).split('\n\n')
    rest = blocks.pop() ?? ''
    if (blocks.some((block) => block.includes('event: changed'))) changed()
  }
}
