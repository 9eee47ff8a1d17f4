/**
 * The content library's interface for content staff. Every call carries the editor's key, which lives in this tab only
 * (sessionStorage): a shared office machine must not keep it.
 */

import { ref } from 'vue'
import type { Kind } from '../library/fields'
import type { Group, Value } from '../library/places'
import { Failure, readJson, send } from './http'

const STORED = 'kaopu-editor-key'

function stored(): string {
  try {
    return sessionStorage.getItem(STORED) ?? ''
  } catch {
    return ''
  }
}

/** The key in use; empty until somebody signs in. */
export const editorKey = ref(stored())

export function signIn(key: string): void {
  editorKey.value = key.trim()
  try {
    sessionStorage.setItem(STORED, editorKey.value)
  } catch {
    // Without storage the key lasts until the page is left.
  }
}

export function signOut(): void {
  editorKey.value = ''
  try {
    sessionStorage.removeItem(STORED)
  } catch {
    // Nothing was stored.
  }
}

type Query = Record<string, string | number | undefined>

function address(path: string, query: Query = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '')
  const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString()
  return `/api/library${path}${search ? `?${search}` : ''}`
}

async function call(path: string, init: RequestInit = {}, signal?: AbortSignal): Promise<Response> {
  const headers = { ...(init.headers as Record<string, string>), Authorization: `Bearer ${editorKey.value}` }
  try {
    return await send(path, { ...init, headers }, signal)
  } catch (error) {
    // The key was revoked or is wrong: ask for it again rather than failing at every click.
    if (error instanceof Failure && error.status === 401) signOut()
    throw error
  }
}

export async function get<T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> {
  return readJson<T>(await call(address(path, query), {}, signal))
}

export async function put<T>(path: string, body: unknown): Promise<T> {
  return readJson<T>(await call(address(path), withBody('PUT', body)))
}

export async function post<T>(path: string, body: unknown = {}, signal?: AbortSignal): Promise<T> {
  return readJson<T>(await call(address(path), withBody('POST', body), signal))
}

export async function remove(path: string): Promise<void> {
  await call(address(path), { method: 'DELETE' })
}

export async function upload<T>(path: string, file: File, query?: Query): Promise<T> {
  const body = new FormData()
  body.append('file', file)
  return readJson<T>(await call(address(path, query), { method: 'POST', body }))
}

/** Save what the hub sends as a file; a link alone could not carry the key. */
export async function download(path: string, name: string, query?: Query): Promise<void> {
  const blob = await (await call(address(path, query))).blob()
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  window.setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}

const withBody = (method: string, body: unknown): RequestInit => ({
  method,
  body: JSON.stringify(body),
  headers: { 'Content-Type': 'application/json' },
})

export interface SectionPreview {
  id: string
  element: string
  title: string
  text: string
}

export interface PartPreview {
  place: string
  name: string
  when: string | null
  applies: boolean | null
}

export interface Situation {
  id: string
  question: string
  kind: 'choice' | 'choices' | 'yes_no' | 'number'
  options: { value: string; label: string; note: string | null }[]
  unit: string | null
  note: string | null
}

export interface Preview {
  sections: SectionPreview[]
  parts: PartPreview[]
  answers: Group
  next_question: Situation | null
  state: 'open' | 'complete'
}

export const preview = (kind: Kind, document: Group, answers: Group, signal?: AbortSignal) =>
  post<Preview>('/preview', { kind, document, answers }, signal)

export type { Group, Kind, Value }
