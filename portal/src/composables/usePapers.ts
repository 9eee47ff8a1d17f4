/**
 * The papers of this visit: uploaded, queued, read. In memory only; closing the window forgets them.
 */
import { computed, reactive, ref } from 'vue'
import {
  failureOfDocument,
  fetchDocument,
  fetchPageImage,
  removeDocument,
  uploadDocument,
  type DocumentState,
  type Page,
} from '../api/documents'
import { Failure, NETWORK_FAILURE } from '../api/http'

export interface Paper {
  key: number
  name: string
  bytes: number
  phase: 'uploading' | 'queued' | 'reading' | 'done' | 'failed'
  /** Uploaded share, 0..1. */
  share: number
  /** Object URL of the file itself while it can be shown before the hub's image is there. */
  preview: string | null
  documentId: string | null
  /** How many pages it has; 0 until the hub has said so. */
  pageCount: number
  pages: Page[]
  /** Object URLs of page images, by page number from 1. */
  images: Record<number, string>
  failure: Failure | null
  /** Seconds from hand-in to result. */
  seconds: number
}

/** Confidence below which a person should look. */
export const DOUBTFUL = 0.8
const LARGEST_BYTES = 32 * 1024 * 1024
const POLL_MS = [600, 800, 1000, 1500, 2000]
const SHOWN_BY_BROWSERS = /^image\/(png|jpeg|webp|bmp|gif)$/
export const TAKEN_FILES = 'image/png,image/jpeg,image/webp,image/bmp,image/tiff,application/pdf,.pdf,.tif,.tiff'

const papers = reactive<Paper[]>([])
const currentKey = ref<number | null>(null)
const files = new Map<number, File>()
const stops = new Map<number, AbortController>()
let counter = 0

const current = computed(() => papers.find((one) => one.key === currentKey.value) ?? null)

const pause = (milliseconds: number) => new Promise((resolve) => window.setTimeout(resolve, milliseconds))

function fail(paper: Paper, error: unknown): void {
  paper.failure = error instanceof Failure ? error : NETWORK_FAILURE()
  paper.phase = 'failed'
}

function take(paper: Paper, state: DocumentState): boolean {
  paper.documentId = state.document_id
  paper.pageCount = state.page_count ?? paper.pageCount
  paper.pages = state.pages ?? []
  if (state.status === 'failed') throw failureOfDocument(state)
  if (state.status !== 'done') {
    paper.phase = state.status
    return false
  }
  return true
}

async function follow(paper: Paper): Promise<void> {
  const file = files.get(paper.key)
  if (!file) return
  const stop = new AbortController()
  stops.set(paper.key, stop)
  if (paper.documentId) removeDocument(paper.documentId)
  Object.assign(paper, { phase: 'uploading', share: 0, failure: null, documentId: null, pages: [] })
  const began = performance.now()
  try {
    const taken = await uploadDocument(file, (share) => (paper.share = share), stop.signal)
    let done = take(paper, taken)
    for (let round = 0; !done && !stop.signal.aborted; round++) {
      await pause(POLL_MS[Math.min(round, POLL_MS.length - 1)]!)
      done = take(paper, await fetchDocument(taken.document_id, stop.signal))
    }
    if (!done) return
    paper.seconds = (performance.now() - began) / 1000
    // Boxes without their image would hang in the air; if it can't be had, the page offers to fetch it again.
    await loadImage(paper, 1).catch(() => undefined)
    paper.phase = 'done'
  } catch (error) {
    if (!stop.signal.aborted) fail(paper, error)
  }
}

/** Fetch a page's image once; boxes are drawn over it. */
async function loadImage(paper: Paper, page: number): Promise<void> {
  const wanted = paper.pages[page - 1]
  if (paper.images[page] || !wanted) return
  const blob = await fetchPageImage(wanted, stops.get(paper.key)?.signal)
  paper.images[page] ??= URL.createObjectURL(blob)
}

function refuse(file: File): Failure | null {
  if (file.size === 0) return new Failure('这是一个空文件，请重新选择。', 'empty_file', 0)
  if (file.size > LARGEST_BYTES) return new Failure('文件超过 32 MB，请压缩或分成几份后再试。', 'too_large', 0)
  return null
}

function add(chosen: Iterable<File>): void {
  for (const file of chosen) {
    const key = ++counter
    files.set(key, file)
    papers.unshift({
      key,
      name: file.name || '粘贴的图片',
      bytes: file.size,
      phase: 'uploading',
      share: 0,
      preview: SHOWN_BY_BROWSERS.test(file.type) ? URL.createObjectURL(file) : null,
      documentId: null,
      pageCount: 0,
      pages: [],
      images: {},
      failure: null,
      seconds: 0,
    })
    const paper = papers[0]!
    currentKey.value = key
    const refused = refuse(file)
    if (refused) fail(paper, refused)
    else void follow(paper)
  }
}

function retry(paper: Paper): void {
  void follow(paper)
}

function remove(paper: Paper): void {
  stops.get(paper.key)?.abort()
  stops.delete(paper.key)
  files.delete(paper.key)
  for (const url of [paper.preview, ...Object.values(paper.images)]) if (url) URL.revokeObjectURL(url)
  if (paper.documentId) removeDocument(paper.documentId)
  const at = papers.indexOf(paper)
  papers.splice(at, 1)
  if (currentKey.value === paper.key) currentKey.value = (papers[at] ?? papers[at - 1])?.key ?? null
}

function open(paper: Paper): void {
  currentKey.value = paper.key
}

// The pages say that papers are kept for this window only: then the hub must not keep them either.
window.addEventListener('pagehide', (event) => {
  if (event.persisted) return
  for (const paper of papers) if (paper.documentId) removeDocument(paper.documentId)
})

export function usePapers() {
  return { papers, current, add, retry, remove, open, loadImage }
}
