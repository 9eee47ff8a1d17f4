/**
 * The key of somebody of the staff. It lives in this tab only (sessionStorage): a shared office machine must not keep it.
 */

import { ref, type Ref } from 'vue'
import { Failure, send } from './http'

export interface StaffKey {
  /** The key in use; empty until somebody signs in. */
  key: Ref<string>
  /** Use a key from now on, if the hub takes it for `path`. Throws the failure otherwise. */
  signIn(typed: string, path: string): Promise<void>
  signOut(): void
  /** A call that carries the key. */
  call(path: string, init?: RequestInit, signal?: AbortSignal): Promise<Response>
}

/** `name`: under which the tab keeps it. */
export function staffKey(name: string): StaffKey {
  const key = ref(stored(name))

  function signOut(): void {
    key.value = ''
    try {
      sessionStorage.removeItem(name)
    } catch {
      // Nothing was stored.
    }
  }

  return {
    key,
    signOut,
    async signIn(typed, path) {
      const wanted = typed.trim()
      await send(path, { headers: { Authorization: `Bearer ${wanted}` } })
      key.value = wanted
      try {
        sessionStorage.setItem(name, wanted)
      } catch {
        // Without storage the key lasts until the page is left.
      }
    },
    async call(path, init = {}, signal) {
      const headers = { ...(init.headers as Record<string, string>), Authorization: `Bearer ${key.value}` }
      try {
        return await send(path, { ...init, headers }, signal)
      } catch (error) {
        // The key was revoked or is wrong: ask for it again rather than failing at every click.
        if (error instanceof Failure && error.status === 401) signOut()
        throw error
      }
    },
  }
}

/** A request with a body in JSON, or without one. */
export function withBody(method: string, body?: unknown): RequestInit {
  if (body === undefined) return { method }
  return { method, body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }
}

function stored(name: string): string {
  try {
    return sessionStorage.getItem(name) ?? ''
  } catch {
    return ''
  }
}
