/**
 * The conversation with the hub: a list of exchanges, each a message with its answer or its failure, and what a clerk
 * says live in between.
 *
 * It lives in memory, outlasts a visit to another page, and ends with the window or with `restart`.
 */
import { computed, effectScope, inject, reactive, ref, watch, type InjectionKey } from 'vue'
import {
  eventsAddress,
  handoverAddress,
  sendMessage,
  type Answer,
  type Channel,
  type Choice,
  type Handover,
  type Message,
} from '../api/consult'
import { Failure, NETWORK_FAILURE, removeQuietly } from '../api/http'

/** What came by itself, not as an answer: a clerk's words, or the hub's about the clerk. */
export interface LiveMessage {
  author: 'clerk' | 'system'
  text: string
  at: string
  clerk?: string | null
}

export interface Exchange {
  id: number
  question: string
  choice: Choice | null
  state: 'sending' | 'answered' | 'failed'
  answer: Answer | null
  failure: Failure | null
  /** What came after this message and before the next. */
  live: LiveMessage[]
}

/** Characters in one message, as the hub counts them by default. */
export const LONGEST_MESSAGE = 2000

export type Conversation = ReturnType<typeof createConversation>

const awaitsPerson = (view: Handover | null) => view?.state === 'waiting' || view?.state === 'attended'

export function createConversation(channel: () => Channel) {
  const exchanges = reactive<Exchange[]>([])
  /** What stands in the input but has not been sent. */
  const draft = ref('')
  const sessionId = ref<string | null>(null)
  /** Where the conversation stands with a person; null while it is the bot's alone. */
  const handover = ref<Handover | null>(null)
  /** Whether a telephone number was left to be called back on. */
  const phoneLeft = ref(false)
  /** Ids of the live messages that were shown: a new connection may bring them again. */
  const heard = new Set<string>()
  let counter = 0
  let stop = new AbortController()

  async function deliver(exchange: Exchange): Promise<void> {
    const { signal } = stop
    exchange.state = 'sending'
    exchange.failure = null
    try {
      const answer = await askOnce(exchange, signal)
      if (signal.aborted) {
        // Who called a person and was gone before the hub answered keeps no place in the queue either.
        if (awaitsPerson(answer.handover)) removeQuietly(handoverAddress(answer.session_id))
        return
      }
      sessionId.value = answer.session_id
      exchange.answer = answer
      exchange.state = 'answered'
      handover.value = answer.handover
    } catch (error) {
      if (signal.aborted) return
      exchange.failure = error instanceof Failure ? error : NETWORK_FAILURE()
      exchange.state = 'failed'
    }
  }

  async function askOnce({ question, choice }: Exchange, signal: AbortSignal): Promise<Answer> {
    const message: Message = { session_id: sessionId.value, text: question, channel: channel(), choice }
    try {
      return await sendMessage(message)
    } catch (error) {
      // The hub forgets a session after a while; the words are still good, the button's question is not.
      const forgotten = error instanceof Failure && error.status === 404 && error.code.includes('session')
      // Nothing of somebody who is gone is said again.
      if (!forgotten || message.session_id === null || signal.aborted) throw error
      sessionId.value = null
      return sendMessage({ ...message, session_id: null, choice: null })
    }
  }

  const busy = computed(() => exchanges.some((one) => one.state === 'sending'))

  /** Send a message; `choice` if it is a button of the question that was asked back. */
  function ask(text: string, choice: Choice | null = null): boolean {
    const question = text.trim()
    if (!question || busy.value || question.length > LONGEST_MESSAGE) return false
    exchanges.push({ id: ++counter, question, choice, state: 'sending', answer: null, failure: null, live: [] })
    // Through the reactive list, so that later changes are seen.
    void deliver(exchanges[exchanges.length - 1]!)
    return true
  }

  function retry(exchange: Exchange): void {
    if (exchange.state === 'failed' && !busy.value) void deliver(exchange)
  }

  /** Take a failed question back into the input. */
  function takeBack(exchange: Exchange): void {
    const place = exchanges.indexOf(exchange)
    if (place < 0) return
    exchanges.splice(place, 1)
    draft.value = draft.value.trim() ? `${exchange.question}\n${draft.value}` : exchange.question
  }

  /** Give up waiting for a person, or end the talk with one. */
  function leavePerson(): void {
    if (sessionId.value !== null) removeQuietly(handoverAddress(sessionId.value))
    handover.value = null
  }

  function restart(): void {
    // Nobody shall keep a place in the queue, or a clerk waiting, for somebody who is gone. A callback stays promised.
    if (isWithPerson.value) leavePerson()
    stop.abort()
    stop = new AbortController()
    exchanges.splice(0)
    draft.value = ''
    sessionId.value = null
    handover.value = null
    phoneLeft.value = false
    heard.clear()
  }

  function hear(message: LiveMessage): void {
    exchanges[exchanges.length - 1]?.live.push(message)
  }

  const isWithPerson = computed(() => awaitsPerson(handover.value))
  // A person is in it or about to be: listen until it is over. The browser reconnects by itself.
  const listening = computed(() => (isWithPerson.value || handover.value?.state === 'callback' ? sessionId.value : null))
  watch(listening, (session, _before, onCleanup) => {
    if (session === null) return
    const source = new EventSource(eventsAddress(session))
    source.addEventListener('message', (event: MessageEvent<string>) => {
      if (event.lastEventId && heard.has(event.lastEventId)) return
      heard.add(event.lastEventId)
      hear(JSON.parse(event.data) as LiveMessage)
    })
    source.addEventListener('handover', (event: MessageEvent<string>) => {
      handover.value = JSON.parse(event.data) as Handover
    })
    onCleanup(() => source.close())
  })

  return { exchanges, draft, busy, sessionId, handover, isWithPerson, phoneLeft, ask, retry, takeBack, leavePerson, restart }
}

const narrow = () => window.matchMedia('(max-width: 720px)').matches

let ofThePages: Conversation | null = null

/** The one that the pages share: it goes on when a visitor comes back from another page. */
export function useConversation(): Conversation {
  // In a scope of its own: the page that happens to ask first must not take it along when it is left.
  ofThePages ??= effectScope(true).run(() => createConversation(() => (narrow() ? 'mobile' : 'pc')))!
  return ofThePages
}

/** The conversation that a chat's parts belong to. */
export const CONVERSATION: InjectionKey<Conversation> = Symbol('conversation')

export function useThisConversation(): Conversation {
  return inject(CONVERSATION, useConversation, true)
}
