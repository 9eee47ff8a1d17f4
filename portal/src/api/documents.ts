/** Client of /api/documents: hand in a paper, follow how it is read, get its lines and page images. */
import {
  accessHeaders,
  Failure,
  failureOf,
  getBlob,
  getJson,
  NETWORK_FAILURE,
  TIMEOUT_FAILURE,
  UNREADABLE_FAILURE,
} from './http'

export type DocumentStatus = 'queued' | 'reading' | 'done' | 'failed'
export type Point = [number, number]

export interface Line {
  text: string
  /** 0..1 */
  confidence: number
  /** Four corners, each x and y relative to the page's image, 0..1. */
  box: Point[]
}

export interface Page {
  /** Pixels of the page's image. */
  width: number
  height: number
  /** Degrees by which the hub turned the page before it read it. */
  rotation?: number
  lines: Line[]
}

export interface DocumentState {
  document_id: string
  status: DocumentStatus
  pages?: Page[]
  /** Why it failed: the hub's problem, if it gives one. */
  error?: { title?: string; detail?: string; message?: string; code?: string } | string | null
}

/** Seconds for which the hub may hold the answer back until the paper is read. */
const WAIT_SECONDS = 30
const UPLOAD_TIMEOUT_MS = 180_000
const PAGE_PATH = (id: string, page: number) => `/api/documents/${encodeURIComponent(id)}/pages/${page}.png`

/** Hand in a file. `onProgress` hears the uploaded share, 0..1 (this is why it is not a fetch). */
export function uploadDocument(
  file: File,
  onProgress: (share: number) => void,
  signal: AbortSignal,
): Promise<DocumentState> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('POST', `/api/documents?wait=${WAIT_SECONDS}`)
    request.timeout = UPLOAD_TIMEOUT_MS
    for (const [name, value] of Object.entries({ Accept: 'application/json', ...accessHeaders() })) {
      request.setRequestHeader(name, value)
    }
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
  return getJson<DocumentState>(`/api/documents/${encodeURIComponent(id)}`, signal)
}

/** The page's image as the hub read it: boxes refer to this one. `page` counts from 1. */
export function fetchPageImage(id: string, page: number, signal?: AbortSignal): Promise<Blob> {
  return getBlob(PAGE_PATH(id, page), signal)
}

/** The failure that a document in state `failed` stands for. */
export function failureOfDocument(state: DocumentState): Failure {
  const { error } = state
  const message = typeof error === 'string' ? error : (error?.detail ?? error?.message ?? error?.title)
  const code = typeof error === 'object' && error?.code ? error.code : 'document_failed'
  return new Failure(message || '这份材料没能识读，请换一张更清晰的照片再试。', code, 0)
}
