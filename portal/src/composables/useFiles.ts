/**
 * The files of this visit: uploaded, queued, read, with the papers that were found in them. In memory only; closing the
 * window forgets them.
 *
 * Each file is an upload of its own: its progress is seen, a refusal is its own, and one that fails holds up no other.
 */
import { computed, reactive, ref } from 'vue'
import {
  failureOfDocument,
  fetchDocument,
  fetchPageImage,
  followDocument,
  removeDocument,
  uploadDocument,
  type DocumentState,
  type Page,
  type Paper,
} from '../api/documents'
import { Failure, NETWORK_FAILURE } from '../api/http'

export interface HandedFile {
  key: number
  name: string
  bytes: number
  phase: 'waiting' | 'uploading' | 'queued' | 'reading' | 'done' | 'failed'
  /** Uploaded share, 0..1. */
  share: number
  /** Object URL of the file itself while it can be shown before the hub's image is there. */
  preview: string | null
  documentId: string | null
  /** How many pages it has; 0 until the hub has said so. */
  pageCount: number
  pagesRead: number
  pages: Page[]
  papers: Paper[]
  /** Object URLs of page images, by page number from 1. */
  images: Record<number, string>
  failure: Failure | null
  /** Seconds from hand-in to result. */
  seconds: number
}

const LARGEST_BYTES = 32 * 1024 * 1024
const POLL_MS = [600, 800, 1000, 1500, 2000]
/** So many files are on their way at once: the others wait here and not in the hub's queue, which serves everybody. */
const AT_ONCE = 2
const LONGEST_RETRY_SECONDS = 30
const RETRIES = 5
const SHOWN_BY_BROWSERS = /^image\/(png|jpeg|webp|bmp|gif)$/
export const TAKEN_FILES =
  'image/png,image/jpeg,image/webp,image/bmp,image/tiff,image/heic,image/heif,application/pdf,.pdf,.tif,.tiff,.heic,.heif'

const files = reactive<HandedFile[]>([])
const currentKey = ref<number | null>(null)
const originals = new Map<number, File>()
const stops = new Map<number, AbortController>()
let counter = 0

const current = computed(() => files.find((one) => one.key === currentKey.value) ?? null)

const pause = (milliseconds: number) => new Promise((resolve) => window.setTimeout(resolve, milliseconds))

function fail(file: HandedFile, error: unknown): void {
  file.failure = error instanceof Failure ? error : NETWORK_FAILURE()
  file.phase = 'failed'
}

function take(file: HandedFile, state: DocumentState): boolean {
  file.documentId = state.document_id
  file.pageCount = state.page_count ?? file.pageCount
  file.pages = state.pages ?? []
  file.papers = state.papers ?? []
  file.pagesRead = file.pages.length
  if (state.status === 'failed') throw failureOfDocument(state)
  if (state.status === 'done') return true
  file.phase = state.status
  return false
}

/** Hand a file in; a full queue is waited for as long as it asks for. */
async function handIn(file: HandedFile, original: File, stop: AbortController): Promise<DocumentState> {
  for (let round = 0; ; round++) {
    try {
      return await uploadDocument(original, (share) => (file.share = share), stop.signal)
    } catch (error) {
      const busy = error instanceof Failure && error.status === 429 && error.retryAfter <= LONGEST_RETRY_SECONDS
      if (!busy || round >= RETRIES || stop.signal.aborted) throw error
      file.phase = 'waiting'
      await pause(Math.max(1, error.retryAfter) * 1000)
      Object.assign(file, { phase: 'uploading', share: 0 })
    }
  }
}

/** Wait until a file is read: by its stream of events, or by asking again where that can't be had. */
async function readThrough(file: HandedFile, id: string, stop: AbortController): Promise<boolean> {
  await followDocument(
    id,
    (progress) => {
      Object.assign(file, { pageCount: progress.page_count, pagesRead: progress.pages_read })
      if (progress.status === 'queued' || progress.status === 'reading') file.phase = progress.status
    },
    stop.signal,
  )
  for (let round = 0; !stop.signal.aborted; round++) {
    if (take(file, await fetchDocument(id, stop.signal))) return true
    await pause(POLL_MS[Math.min(round, POLL_MS.length - 1)]!)
  }
  return false
}

async function run(file: HandedFile): Promise<void> {
  const original = originals.get(file.key)
  if (!original) return
  const stop = new AbortController()
  stops.set(file.key, stop)
  if (file.documentId) removeDocument(file.documentId)
  Object.assign(file, { phase: 'uploading', share: 0, failure: null, documentId: null, pages: [], papers: [] })
  const began = performance.now()
  try {
    const taken = await handIn(file, original, stop)
    if (!take(file, taken) && !(await readThrough(file, taken.document_id, stop))) return
    file.seconds = (performance.now() - began) / 1000
    // Boxes without their image would hang in the air; if it can't be had, the page offers to fetch it again.
    await loadImage(file, 1).catch(() => undefined)
    file.phase = 'done'
  } catch (error) {
    if (!stop.signal.aborted) fail(file, error)
  }
}

let running = 0
const waiting: HandedFile[] = []

/** Begin with the file that waits longest, if there is room. */
function next(): void {
  while (running < AT_ONCE) {
    const file = waiting.shift()
    if (!file) return
    running += 1
    void run(file).finally(() => {
      running -= 1
      next()
    })
  }
}

function enqueue(file: HandedFile): void {
  file.phase = 'waiting'
  waiting.push(file)
  next()
}

/** Fetch a page's image once; boxes are drawn over it. */
async function loadImage(file: HandedFile, page: number): Promise<void> {
  const wanted = file.pages[page - 1]
  if (file.images[page] || !wanted) return
  const blob = await fetchPageImage(wanted, stops.get(file.key)?.signal)
  file.images[page] ??= URL.createObjectURL(blob)
}

function refuse(original: File): Failure | null {
  if (original.size === 0) return new Failure('这是一个空文件，请重新选择。', 'empty_file', 0)
  if (original.size > LARGEST_BYTES) return new Failure('文件超过 32 MB，请压缩或分成几份后再试。', 'too_large', 0)
  return null
}

function blank(key: number, original: File): HandedFile {
  return {
    key,
    name: original.name || '粘贴的图片',
    bytes: original.size,
    phase: 'waiting',
    share: 0,
    preview: SHOWN_BY_BROWSERS.test(original.type) ? URL.createObjectURL(original) : null,
    documentId: null,
    pageCount: 0,
    pagesRead: 0,
    pages: [],
    papers: [],
    images: {},
    failure: null,
    seconds: 0,
  }
}

/** Take files in; the first of them is shown. They stand before those of earlier, in the order they were chosen. */
function add(chosen: Iterable<File>): void {
  const taken = Array.from(chosen, (original) => {
    const key = ++counter
    originals.set(key, original)
    return blank(key, original)
  })
  if (!taken.length) return
  files.unshift(...taken)
  currentKey.value = taken[0]!.key
  // Out of the reactive list, so that what is written into them is seen.
  for (const file of files.slice(0, taken.length)) {
    const refused = refuse(originals.get(file.key)!)
    if (refused) fail(file, refused)
    else enqueue(file)
  }
}

function remove(file: HandedFile): void {
  stops.get(file.key)?.abort()
  stops.delete(file.key)
  originals.delete(file.key)
  for (const url of [file.preview, ...Object.values(file.images)]) if (url) URL.revokeObjectURL(url)
  if (file.documentId) removeDocument(file.documentId)
  const place = files.indexOf(file)
  files.splice(place, 1)
  if (currentKey.value === file.key) currentKey.value = (files[place] ?? files[place - 1])?.key ?? null
}

function open(file: HandedFile): void {
  currentKey.value = file.key
}

// The pages say that papers are kept for this window only: then the hub must not keep them either.
window.addEventListener('pagehide', (event) => {
  if (event.persisted) return
  for (const file of files) if (file.documentId) removeDocument(file.documentId)
})

export function useFiles() {
  return { files, current, add, retry: enqueue, remove, open, loadImage }
}
