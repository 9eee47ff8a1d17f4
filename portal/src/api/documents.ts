/**
 * Client of /api/documents: hand in a file, follow how it is read, get its papers with their fields, its lines and page
 * images, and put fields and kinds right.
 */
import type { Point, Region } from '../papers/geometry'
import {
  at,
  Failure,
  failureOf,
  getBlob,
  getJson,
  NETWORK_FAILURE,
  postJson,
  readJson,
  removeQuietly,
  send,
  TIMEOUT_FAILURE,
  UNREADABLE_FAILURE,
} from './http'

export type DocumentStatus = 'queued' | 'reading' | 'done' | 'failed'

export interface Line {
  text: string
  /** 0..1 */
  confidence: number
  /** Four corners, each x and y relative to the page's image, 0..1. */
  box: Point[]
}

/** A seal or a signature. */
export interface Stamp {
  box: Point[]
  /** Empty or absent: it can't be read. */
  text?: string | null
  /** 0..1, of the text. */
  confidence?: number
  shape?: string | null
  /** Of a signature: the printed words that ask for it. */
  label?: string
}

/** Why a page should be photographed again; it is read all the same. */
export interface Fault {
  code: string
  message: string
}

export interface Page {
  /** Pixels of the page's image. */
  width: number
  height: number
  /** Degrees counter-clockwise after which the text stands upright: 0, 90, 180 or 270. */
  rotation: number
  /** Address of the page's image: as handed in, not turned; boxes refer to it. */
  image: string
  lines: Line[]
  seals?: Stamp[]
  signatures?: Stamp[]
  faults?: Fault[]
}

export interface Place {
  /** From 1. */
  page: number
  box: Point[]
}

export interface Field {
  id: string
  name: string
  /** Normal form; null if nothing was read, or a person says the paper doesn't have it. */
  value: string | null
  /** As printed. */
  raw: string
  /** 0..1: that the value is exactly right. */
  confidence: number
  level: 'sure' | 'check' | 'missing'
  /** Whether a check digit or the form holds; null if there is nothing to check by. */
  proven: boolean | null
  /** One misread character that a check digit put right; `place` from 0. */
  repair?: { place: number; read: string } | null
  parts?: Record<string, string> | null
  places: Place[]
  corrected: boolean
  corrected_at?: string | null
  /** Whether a person looked at the value and left it as it was. */
  confirmed: boolean
  confirmed_at?: string | null
}

/** One paper in a file: its kind, its pages, its fields. */
export interface Paper {
  /** From 1, within its file. */
  number: number
  kind: string
  title: string
  /** 0..1: how sure the model is of the kind. */
  chance: number
  named_by_person: boolean
  pages: number[]
  fields: Field[]
}

export interface Kind {
  id: string
  title: string
  paper_type: string
  fields: Record<string, string>
}

export interface Correction {
  paper: number
  /** Null: the kind of the paper. */
  field: string | null
  before: string | null
  after: string | null
  by: string
  at: string
}

export interface DocumentState {
  document_id: string
  status: DocumentStatus
  /** Pages that are read so far; absent in the short answer to an upload. */
  pages?: Page[]
  page_count?: number
  papers?: Paper[]
  /** Why it failed. */
  error?: { code: string; message: string } | null
}

/** How far a file is, as its stream of events says. */
export interface Progress {
  status: DocumentStatus
  page_count: number
  pages_read: number
}

export interface RegionText {
  text: string
  confidence: number
  /** In the field's normal form; null if the text has none. */
  value: string | null
  proven: boolean | null
}

/** Seconds for which the hub may hold the answer back until the paper is read: long for one page, short for many. */
const WAIT_SECONDS = { page: 30, pages: 1 }
const UPLOAD_TIMEOUT_MS = 180_000
/** A stream that says nothing for so long is not waited for. */
const QUIET_MS = 15_000
const PATH = (id: string) => `/api/documents/${encodeURIComponent(id)}`

/** Hand in a file. `onProgress` hears the uploaded share, 0..1 (this is why it is not a fetch). */
export function uploadDocument(
  file: File,
  onProgress: (share: number) => void,
  signal: AbortSignal,
): Promise<DocumentState> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    const several = /pdf|tiff?$/i.test(file.type || file.name)
    request.open('POST', `/api/documents?wait=${several ? WAIT_SECONDS.pages : WAIT_SECONDS.page}`)
    request.timeout = UPLOAD_TIMEOUT_MS
    request.setRequestHeader('Accept', 'application/json')
    request.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total)
    request.upload.onload = () => onProgress(1)
    request.onerror = () => reject(NETWORK_FAILURE())
    request.ontimeout = () => reject(TIMEOUT_FAILURE())
    request.onabort = () => reject(new Failure('已取消。', 'cancelled', 0))
    request.onload = () => {
      if (request.status < 200 || request.status >= 300) {
        reject(failureOf(request.status, request.responseText, request.getResponseHeader('Retry-After')))
        return
      }
      try {
        resolve(JSON.parse(request.responseText) as DocumentState)
      } catch {
        reject(UNREADABLE_FAILURE(request.status))
      }
    }
    signal.addEventListener('abort', () => request.abort())
    const form = new FormData()
    form.append('file', file, file.name)
    request.send(form)
  })
}

export function fetchDocument(id: string, signal: AbortSignal): Promise<DocumentState> {
  return getJson<DocumentState>(PATH(id), signal)
}

/**
 * Hear how far a file is until it is read or failed, or until nothing more is heard (too many streams are open, a proxy holds
 * it back): what became of the file has to be asked for in any case.
 */
export function followDocument(id: string, onProgress: (progress: Progress) => void, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const source = new EventSource(at(`${PATH(id)}/events`))
    let timer = 0
    const end = () => {
      window.clearTimeout(timer)
      source.close()
      resolve()
    }
    const wait = () => {
      window.clearTimeout(timer)
      timer = window.setTimeout(end, QUIET_MS)
    }
    source.addEventListener('progress', (event) => {
      wait()
      onProgress(JSON.parse((event as MessageEvent<string>).data) as Progress)
    })
    for (const name of ['done', 'failed', 'removed']) source.addEventListener(name, end)
    source.onerror = end
    signal.addEventListener('abort', end)
    wait()
  })
}

export function fetchPageImage(page: Page, signal?: AbortSignal): Promise<Blob> {
  return getBlob(page.image, signal)
}

/** Have the hub forget a paper: the file and what was read. */
export function removeDocument(id: string): void {
  removeQuietly(PATH(id))
}

let kinds: Promise<Kind[]> | null = null

/** The kinds of paper that the hub knows; asked once. */
export function fetchKinds(): Promise<Kind[]> {
  kinds ??= getJson<Kind[]>('/api/documents/kinds').catch((error: unknown) => {
    kinds = null
    throw error
  })
  return kinds
}

async function put<T>(path: string, body: unknown): Promise<T> {
  const headers = { 'Content-Type': 'application/json' }
  return readJson<T>(await send(path, { method: 'PUT', body: JSON.stringify(body), headers }))
}

/** Set a field's value; null: the paper doesn't have it. `place`: where it was seen, if it was pointed at. */
export function correctField(
  id: string,
  paper: number,
  field: string,
  value: string | null,
  place: Place | null,
): Promise<Paper[]> {
  return put(`${PATH(id)}/papers/${paper}/fields/${encodeURIComponent(field)}`, { value, ...place })
}

/** Say which kind a paper is; its fields are read again. */
export function nameKind(id: string, paper: number, kind: string): Promise<Paper[]> {
  return put(`${PATH(id)}/papers/${paper}/kind`, { kind })
}

/** Read one place of a page again, in the form of a kind's field. */
export function readRegion(id: string, page: number, region: Region, kind: string, field: string): Promise<RegionText> {
  return postJson(`${PATH(id)}/pages/${page}/regions`, { ...region, kind, field })
}

export function fetchCorrections(id: string): Promise<Correction[]> {
  return getJson(`${PATH(id)}/corrections`)
}

/** The failure that a document in state `failed` stands for. */
export function failureOfDocument(state: DocumentState): Failure {
  const { error } = state
  return new Failure(
    error?.message || '这份材料没能识读，请换一张更清晰的照片再试。',
    error?.code ?? 'document_failed',
    0,
  )
}
