/** Client of /api/documents: hand in a paper, follow how it is read, get its lines and page images. */
import {
  Failure,
  failureOf,
  getBlob,
  getJson,
  NETWORK_FAILURE,
  removeQuietly,
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
  /** Degrees counter-clockwise after which the text stands upright: 0, 90, 180 or 270. */
  rotation: number
  /** Address of the page's image: as handed in, not turned; boxes refer to it. */
  image: string
  lines: Line[]
}

export interface DocumentState {
  document_id: string
  status: DocumentStatus
  /** Pages that are read so far; absent in the short answer to an upload. */
  pages?: Page[]
  page_count?: number
  /** Why it failed. */
  error?: { code: string; message: string } | null
}

/** Seconds for which the hub may hold the answer back until the paper is read: long for one page, short for many. */
const WAIT_SECONDS = { page: 30, pages: 1 }
const UPLOAD_TIMEOUT_MS = 180_000
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

export function fetchPageImage(page: Page, signal?: AbortSignal): Promise<Blob> {
  return getBlob(page.image, signal)
}

/** Have the hub forget a paper: the file and what was read. */
export function removeDocument(id: string): void {
  removeQuietly(PATH(id))
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
