/** What a clerk's page knows and does: the queue, one opened conversation, what the bot would answer, and being on duty. */
import { computed, inject, onBeforeUnmount, provide, ref, watch, type InjectionKey } from 'vue'
import * as desk from '../api/desk'
import { Failure } from '../api/http'
import { useAlert } from './useAlert'

/** The hub counts a clerk as gone after three minutes of silence. */
const BEAT_MS = 20_000
const LOOK_MS = 10_000
const RETRY_MS = 3000

function createDesk() {
  const queue = ref<desk.Queue | null>(null)
  const openedId = ref<number | null>(null)
  const detail = ref<desk.Detail | null>(null)
  const bot = ref<desk.BotAnswer | null>(null)
  const botFailed = ref('')
  const failure = ref('')
  const told = ref('')
  const busy = ref(false)
  const alert = useAlert()
  /** How far this clerk has read each conversation of theirs, by its revision; and which have something new. */
  const read = new Map<number, number>()
  const unread = ref<Set<number>>(new Set())
  let known: Set<number> | null = null
  let stop = new AbortController()
  let loading = false
  let again = false
  let timers: number[] = []

  const duty = computed(() => queue.value?.duty ?? null)
  const opened = computed(() => detail.value?.summary ?? null)

  const words = (error: unknown): string => (error instanceof Failure ? error.message : '没有成功，请重试。')

  /** Notice who has come since the last look, and what was said to this clerk. */
  function notice(found: desk.Queue): void {
    const now = new Set(found.waiting.map((one) => one.id))
    const fresh = known !== null && [...now].some((id) => !known?.has(id))
    known = now
    const news = new Set<number>()
    for (const one of found.attended.filter((line) => line.mine)) {
      if ((one.id === openedId.value && !document.hidden) || !read.has(one.id)) read.set(one.id, one.revision)
      else if (one.revision > (read.get(one.id) ?? 0)) news.add(one.id)
    }
    const more = [...news].some((id) => !unread.value.has(id))
    unread.value = news
    if (fresh && found.duty.available) alert.ring(`有 ${now.size} 人等候`)
    else if (more) alert.ring('市民有新消息')
    else if (!now.size && !news.size) alert.calm()
  }

  async function look(): Promise<void> {
    // One look at a time; what happened meanwhile is worth one more.
    if (loading) {
      again = true
      return
    }
    loading = true
    try {
      const found = await desk.queue()
      notice(found)
      queue.value = found
      const id = openedId.value
      if (id !== null) {
        const found = await desk.detail(id)
        if (openedId.value === id) detail.value = found
      }
    } catch (error) {
      if (desk.clerkKey.value) failure.value = words(error)
    } finally {
      loading = false
      if (again) {
        again = false
        void look()
      }
    }
  }

  async function follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await desk.listen(() => void look(), signal)
      } catch {
        // Broken off: the hub restarts, or the network is away.
      }
      if (!signal.aborted) await new Promise((resolve) => window.setTimeout(resolve, RETRY_MS))
    }
  }

  function begin(): void {
    stop = new AbortController()
    known = null
    read.clear()
    void look()
    void follow(stop.signal)
    timers = [
      window.setInterval(() => void desk.duty().catch(() => undefined), BEAT_MS),
      window.setInterval(() => void look(), LOOK_MS),
    ]
  }

  function end(): void {
    stop.abort()
    timers.forEach((timer) => window.clearInterval(timer))
    queue.value = null
    detail.value = null
    openedId.value = null
  }

  /** Do something and look again; what went wrong is said. True if it went well. */
  async function act(work: () => Promise<unknown>, done = ''): Promise<boolean> {
    busy.value = true
    failure.value = ''
    told.value = ''
    try {
      await work()
      told.value = done
      return true
    } catch (error) {
      failure.value = words(error)
      return false
    } finally {
      busy.value = false
      await look()
    }
  }

  async function open(id: number): Promise<void> {
    openedId.value = id
    detail.value = null
    bot.value = null
    failure.value = ''
    told.value = ''
    await look()
  }

  async function takeNext(): Promise<void> {
    const next = queue.value?.waiting[0]
    if (!next) {
      told.value = '现在没有人等候。'
      return
    }
    if (await act(() => desk.take(next.id))) await open(next.id)
  }

  // What the bot would answer is asked once for each question, not at every look.
  watch(
    () => [openedId.value, detail.value?.question] as const,
    async ([id, question]) => {
      if (id === null || detail.value === null || !question) {
        bot.value = null
        return
      }
      botFailed.value = ''
      try {
        const found = await desk.botAnswer(id)
        if (openedId.value === id) bot.value = found
      } catch (error) {
        if (openedId.value === id) botFailed.value = words(error)
      }
    },
  )

  watch(desk.clerkKey, (key) => (key ? begin() : end()), { immediate: true })
  onBeforeUnmount(end)

  return { queue, duty, unread, opened, openedId, detail, bot, botFailed, failure, told, busy, alert, look, act, open, takeNext }
}

export type ClerksDesk = ReturnType<typeof createDesk>
const DESK: InjectionKey<ClerksDesk> = Symbol('desk')

/** Made by the page, used by its parts. */
export function provideDesk(): ClerksDesk {
  const made = createDesk()
  provide(DESK, made)
  return made
}

export function useDesk(): ClerksDesk {
  const found = inject(DESK)
  if (!found) throw new Error('no desk around this component')
  return found
}
