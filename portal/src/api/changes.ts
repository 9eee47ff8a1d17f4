/** Hear of changes at the hub as they happen: server-sent events read by hand, because an EventSource can't carry a key. */
import { send } from './http'

const AGAIN_MS = [1000, 2000, 5000, 10_000]

const pause = (milliseconds: number, signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    const timer = window.setTimeout(resolve, milliseconds)
    signal.addEventListener('abort', () => {
      window.clearTimeout(timer)
      resolve()
    })
  })

/** One stream to its end: whether the hub says that nothing more will come. */
async function listen(path: string, changed: () => void, signal: AbortSignal): Promise<boolean> {
  const response = await send(path, { headers: { Accept: 'text/event-stream' } }, signal)
  if (response.status === 204 || !response.body) return true
  const reader = response.body.getReader()
  // Else a page that is left keeps one of the browser's few connections open.
  signal.addEventListener('abort', () => void reader.cancel().catch(() => undefined))
  const decoder = new TextDecoder()
  let rest = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return false
    const blocks = (rest + decoder.decode(value, { stream: true })).split('\n\n')
    rest = blocks.pop() ?? ''
    if (blocks.some((block) => /^event: (changed|ended)/m.test(block))) changed()
    if (blocks.some((block) => /^event: (ended|removed)/m.test(block))) return true
  }
}

/** Call `changed` at once and after every change, until `signal` aborts or the hub has no more to tell. What breaks off is tried again. */
export async function followChanges(path: string, changed: () => void, signal: AbortSignal): Promise<void> {
  for (let round = 0; !signal.aborted; round++) {
    try {
      if (await listen(path, changed, signal)) return
      round = 0
    } catch {
      // Away for a moment, or too many streams: what is missed is asked for.
    }
    await pause(AGAIN_MS[Math.min(round, AGAIN_MS.length - 1)]!, signal)
    if (!signal.aborted) changed()
  }
}
