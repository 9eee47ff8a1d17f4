/**
 * The conversation with the hub: a list of exchanges, each a question with its answer or its failure.
 *
 * It lives in memory, outlasts a visit to another page, and ends with the window or with `restart`.
 */
import { computed, reactive, ref } from 'vue'
import { sendMessage, type Answer, type Channel } from '../api/consult'
import { Failure, NETWORK_FAILURE } from '../api/http'

export interface Exchange {
  id: number
  question: string
  state: 'sending' | 'answered' | 'failed'
  answer: Answer | null
  failure: Failure | null
}

/** Characters in one message, as the hub counts them by default. */
export const LONGEST_MESSAGE = 2000

const exchanges = reactive<Exchange[]>([])
/** What stands in the input but has not been sent. */
const draft = ref('')
let sessionId: string | null = null
let counter = 0
let stop = new AbortController()

function channel(): Channel {
  return window.matchMedia('(max-width: 720px)').matches ? 'mobile' : 'pc'
}

async function deliver(exchange: Exchange): Promise<void> {
  const { signal } = stop
  exchange.state = 'sending'
  exchange.failure = null
  try {
    const answer = await askOnce(exchange.question, signal)
    if (signal.aborted) return
    sessionId = answer.session_id
    exchange.answer = answer
    exchange.state = 'answered'
  } catch (error) {
    if (signal.aborted) return
    exchange.failure = error instanceof Failure ? error : NETWORK_FAILURE()
    exchange.state = 'failed'
  }
}

async function askOnce(question: string, signal: AbortSignal): Promise<Answer> {
  try {
    return await sendMessage(sessionId, question, channel(), signal)
  } catch (error) {
    // The hub forgets a session after a while; the question is still good.
    const forgotten = error instanceof Failure && error.status === 404 && error.code.includes('session')
    if (!forgotten || sessionId === null) throw error
    sessionId = null
    return sendMessage(null, question, channel(), signal)
  }
}

const busy = computed(() => exchanges.some((one) => one.state === 'sending'))

function ask(text: string): boolean {
  const question = text.trim()
  if (!question || busy.value || question.length > LONGEST_MESSAGE) return false
  const exchange: Exchange = { id: ++counter, question, state: 'sending', answer: null, failure: null }
  exchanges.push(exchange)
  // Through the reactive list, so that later changes are seen.
  void deliver(exchanges[exchanges.length - 1]!)
  return true
}

function retry(exchange: Exchange): void {
  if (exchange.state === 'failed' && !busy.value) void deliver(exchange)
}

/** Take a failed question back into the input. */
function takeBack(exchange: Exchange): void {
  const at = exchanges.indexOf(exchange)
  if (at < 0) return
  exchanges.splice(at, 1)
  draft.value = draft.value.trim() ? `${exchange.question}\n${draft.value}` : exchange.question
}

function restart(): void {
  stop.abort()
  stop = new AbortController()
  exchanges.splice(0)
  draft.value = ''
  sessionId = null
}

export function useConversation() {
  return { exchanges, draft, busy, ask, retry, takeBack, restart }
}
