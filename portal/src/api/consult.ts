/** Client of /api/consult: one question in, one answer with its sources out. */
import { getJson, postJson } from './http'

export type AnswerStatus = 'answered' | 'clarify' | 'not_found' | 'handed_over' | 'refused'
export type Channel = 'pc' | 'mobile'

export interface Citation {
  /** Stable id of the published section: item/section@version. */
  section_id: string
  item_name: string
  element: string
  quote: string
}

export interface Answer {
  session_id: string
  status: AnswerStatus
  text: string
  item: { id: string; name: string } | null
  element: string | null
  citations: Citation[]
  suggestions: string[]
}

export async function sendMessage(
  sessionId: string | null,
  text: string,
  channel: Channel,
  signal?: AbortSignal,
): Promise<Answer> {
  const answer = await postJson<Answer>('/api/consult/messages', { session_id: sessionId, text, channel }, signal)
  return { ...answer, citations: answer.citations ?? [], suggestions: answer.suggestions ?? [] }
}

/** A section of a published guide, in full. */
export interface Section {
  section_id: string
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
