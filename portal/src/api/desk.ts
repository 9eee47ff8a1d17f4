/** The clerks' side of /api/consult. Every call carries the clerk's key. */

import type { Answer } from './consult'
import { at, readJson } from './http'
import { staffKey, withBody } from './staffKey'

const staff = staffKey('kaopu-clerk-key')
/** The key in use; empty until somebody signs in. */
export const clerkKey = staff.key
export const { signOut } = staff
/** A call of a clerk's, to any address of the hub. */
export const clerkCall = staff.call

/** Use a key from now on, if the hub takes it for `path`. Throws the failure otherwise. */
export const signIn = (typed: string, path = '/api/consult/desk/duty'): Promise<void> => staff.signIn(typed, path)

async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  return readJson<T>(await staff.call(`/api/consult/desk${path}`, withBody(method, body)))
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
  /** What an administrator has to mend in the service calendar, if anything. */
  notice: string | null
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
