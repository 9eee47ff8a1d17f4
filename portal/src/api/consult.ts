/** Client of /api/consult: one message in, one answer with its sources out; ratings, checklists and people beside it. */
import { at, getJson, postJson } from './http'

export type AnswerStatus = 'answered' | 'clarify' | 'not_found' | 'handed_over' | 'refused' | 'with_person'
export type Channel = 'pc' | 'mobile' | 'kiosk' | 'window' | 'embed'
/** An answer to a question about the person's situation: an option's value, yes or no, a number, or several values. */
export type AnswerValue = string | boolean | number | string[]

export interface Citation {
  /** Stable id of the published section: item/section@version. */
  section_id: string
  item_name: string
  element: string
  quote: string
}

/** `quoted`: the guide's words, out of `section_id`; `said`: the bot's own. */
export interface Part {
  kind: 'said' | 'quoted'
  text: string
  section_id: string | null
  title: string | null
}

export interface Option {
  value: string
  label: string
  note: string | null
}

/** What the bot asks back: which item is meant, or one question of the item's questionnaire. */
export interface Asking {
  kind: 'item' | 'situation'
  question_id: string
  text: string
  answer_kind: 'choice' | 'choices' | 'yes_no' | 'number'
  options: Option[]
  note: string | null
  unit: string | null
  minimum: number | null
  maximum: number | null
  can_be_unsure: boolean
  can_go_back: boolean
}

/** A button of the question that was asked back; the message's text is what stands on the button. */
export interface Choice {
  question_id: string
  action: 'answer' | 'unsure' | 'back' | 'skip'
  value: AnswerValue | null
}

export interface KnownAnswer {
  question_id: string
  question: string
  label: string
  value: AnswerValue
}

/** Where the conversation stands with a person; `place` in the queue counts from 1. */
export interface Handover {
  state: 'waiting' | 'attended' | 'callback' | 'closed'
  place: number | null
  clerk: string | null
  promised_at: string | null
}

export interface Answer {
  session_id: string
  number: number
  status: AnswerStatus
  text: string
  parts: Part[]
  item: { id: string; name: string } | null
  /** The life event (一件事) that the answer tells. */
  event: { id: string; name: string } | null
  element: string | null
  citations: Citation[]
  suggestions: string[]
  asking: Asking | null
  known: KnownAnswer[]
  can_checklist: boolean
  handover: Handover | null
  masked: Record<string, number>
  words_only: boolean
  /** The answer in a language model's words, checked against the guide; to be shown as such. */
  worded?: string | null
}

export interface Message {
  session_id: string | null
  text: string
  channel: Channel
  choice: Choice | null
}

export const sendMessage = (message: Message, signal?: AbortSignal) =>
  postJson<Answer>('/api/consult/messages', message, signal)

/** A section of a published guide, in full. */
export interface Section {
  section_id: string
  item_name: string
  element: string
  title: string
  text: string
  version: number
}

export function fetchSection(id: string): Promise<Section> {
  return getJson<Section>(`/api/consult/sections/${id.split('/').map(encodeURIComponent).join('/')}`)
}

/** Questions to start with; an empty list if the hub has none to offer. */
export async function fetchSuggestions(signal?: AbortSignal): Promise<string[]> {
  try {
    const { questions } = await getJson<{ questions?: unknown }>('/api/consult/suggestions', signal)
    return Array.isArray(questions) ? questions.filter((one): one is string => typeof one === 'string') : []
  } catch {
    // They are an offer, not a need: the page works without.
    return []
  }
}

/** One of the five grades of 好差评, the best first, with the reasons that can be given for it. */
export interface Grade {
  grade: number
  title: string
  reasons: string[]
}

let grades: Promise<Grade[]> | null = null

/** The grades to choose from; empty if the hub takes no ratings. Asked for once. */
export function fetchGrades(): Promise<Grade[]> {
  grades ??= getJson<{ grades: Grade[] }>('/api/consult/rating-reasons')
    .then((found) => [...found.grades].sort((one, other) => other.grade - one.grade))
    .catch(() => {
      // Not for good: the network may be back at the next answer.
      grades = null
      return []
    })
  return grades
}

export interface Rating {
  session_id: string
  number: number
  grade: number
  reasons: string[]
  comment?: string
  /** Consent to keep the question, masked, for learning. */
  may_learn: boolean
}

export const rate = (rating: Rating) => postJson<unknown>('/api/consult/ratings', rating)

/** Ask to be called back. The number goes to the clerk who takes it and is kept nowhere here. */
export const requestCallback = (session: string, phone: string, name: string) =>
  postJson<Handover>('/api/consult/callbacks', { session_id: session, phone, ...(name ? { name } : {}) })

/** Where the browser listens to a clerk's words and to the place in the queue. */
export const eventsAddress = (session: string) => at(`/api/consult/sessions/${encodeURIComponent(session)}/events`)

/** What is removed to leave the queue or the clerk. */
export const handoverAddress = (session: string) => `/api/consult/sessions/${encodeURIComponent(session)}/handover`

/** Have the person's checklist (一次告知单) made; gives the address of its page. */
export async function makeChecklist(item: string, known: KnownAnswer[]): Promise<string> {
  const answers = Object.fromEntries(known.map((one) => [one.question_id, one.value]))
  const made = await postJson<{ token: string }>('/api/consult/checklists', { item_id: item, answers })
  return `/checklists/${encodeURIComponent(made.token)}`
}
