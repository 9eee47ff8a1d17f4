/**
 * How the pages talk to the hub: JSON in, JSON out, and every failure as one `Failure` with words for people.
 *
 * The hub answers errors as application/problem+json (RFC 9457): {"title", "detail", "code", "status"}.
 */

/** Something went wrong with a request. `message` is Chinese and may be shown as it is. */
export class Failure extends Error {
  constructor(
    message: string,
    /** Stable code of the hub, or `network`, `timeout`, `unreadable`. */
    readonly code: string,
    /** HTTP status; 0 if there was no answer. */
    readonly status: number,
    /** Seconds until a retry makes sense; 0 if the hub named none. */
    readonly retryAfter: number = 0,
    /** Everything else that the hub said: one entry per faulty field, and the like. */
    readonly problem: Record<string, unknown> = {},
  ) {
    super(message)
    this.name = 'Failure'
  }
}

const TIMEOUT_MS = 60_000

/** Where the hub is: this page's own origin, unless the chat is embedded in somebody else's page. */
let origin = ''

export function useHub(address: string): void {
  origin = address.replace(/\/+$/, '')
}

/** The key that requests carry which bring none of their own, while a page of the staff lends it. */
let lent: (() => string) | null = null

/** Let everything that is shown from now on (page images, fields) speak with a key; what is given back ends that. */
export function lendKey(key: () => string): () => void {
  lent = key
  return () => {
    if (lent === key) lent = null
  }
}

function lentHeaders(): Record<string, string> {
  const key = lent?.()
  return key ? { Authorization: `Bearer ${key}` } : {}
}

/** A path of the hub as an address to be fetched or linked to. */
export const at = (path: string) => origin + path

export const NETWORK_FAILURE = () => new Failure('网络没有连上，请检查网络后重试。', 'network', 0)
export const TIMEOUT_FAILURE = () => new Failure('等了很久还没有结果，请稍后重试。', 'timeout', 0)
export const UNREADABLE_FAILURE = (status: number) =>
  new Failure('服务的回答读不懂，可能正在更新，请稍后重试。', 'unreadable', status)

function plainMessage(status: number): string {
  if (status === 429) return '现在咨询的人比较多，请稍等片刻再试。'
  if (status === 401 || status === 403) return '没有使用这项服务的权限。'
  if (status === 404) return '没有找到要的内容。'
  if (status === 413) return '文件太大了，请压缩或分开后再试。'
  if (status >= 500) return '服务暂时不可用，请稍后重试。'
  return '请求没有成功，请稍后重试。'
}

/** Seconds out of a Retry-After header: a number or an HTTP date. */
export function readRetryAfter(value: string | null): number {
  if (!value) return 0
  const seconds = Number(value)
  if (Number.isFinite(seconds)) return Math.max(0, Math.ceil(seconds))
  const at = Date.parse(value)
  return Number.isNaN(at) ? 0 : Math.max(0, Math.ceil((at - Date.now()) / 1000))
}

/** The failure that an error answer stands for, whatever its body is. */
export function failureOf(status: number, body: string, retryAfter: string | null): Failure {
  let message = ''
  let code = `http_${status}`
  let told: Record<string, unknown> = {}
  try {
    const problem: unknown = JSON.parse(body)
    if (problem && typeof problem === 'object') {
      told = problem as Record<string, unknown>
      const { title, detail, code: named } = told
      if (typeof detail === 'string') message = detail
      else if (typeof title === 'string') message = title
      if (typeof named === 'string') code = named
    }
  } catch {
    // A proxy in between answers HTML; the status says enough.
  }
  return new Failure(message || plainMessage(status), code, status, readRetryAfter(retryAfter), told)
}

export async function send(path: string, init: RequestInit, signal?: AbortSignal): Promise<Response> {
  const stop = new AbortController()
  let late = false
  const timer = window.setTimeout(() => {
    late = true
    stop.abort()
  }, TIMEOUT_MS)
  const abort = () => stop.abort()
  signal?.addEventListener('abort', abort)
  try {
    const headers = { Accept: 'application/json', ...lentHeaders(), ...(init.headers as Record<string, string>) }
    const response = await fetch(at(path), { ...init, headers, signal: stop.signal })
    if (!response.ok) throw failureOf(response.status, await response.text(), response.headers.get('Retry-After'))
    return response
  } catch (error) {
    if (error instanceof Failure || signal?.aborted) throw error
    throw late ? TIMEOUT_FAILURE() : NETWORK_FAILURE()
  } finally {
    window.clearTimeout(timer)
    signal?.removeEventListener('abort', abort)
  }
}

export async function readJson<T>(response: Response): Promise<T> {
  try {
    return (await response.json()) as T
  } catch {
    throw UNREADABLE_FAILURE(response.status)
  }
}

export async function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  return readJson<T>(await send(path, {}, signal))
}

export async function postJson<T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> {
  const init = { method: 'POST', body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }
  return readJson<T>(await send(path, init, signal))
}

/** Ask for something to be removed; goes out even while the page is being left. Nobody waits for the answer. */
export function removeQuietly(path: string): void {
  fetch(at(path), { method: 'DELETE', keepalive: true }).catch(() => undefined)
}

export async function getBlob(path: string, signal?: AbortSignal): Promise<Blob> {
  return (await send(path, { headers: { Accept: 'image/jpeg, image/png' } }, signal)).blob()
}
