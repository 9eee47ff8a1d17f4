/**
 * The documents of a submission as the papers' pages know files: their pages, papers and images, fetched when they are looked at.
 * They belong to the submission, so nothing here removes them.
 */
import { onBeforeUnmount, reactive, watch, type Ref } from 'vue'
import { failureOfDocument, fetchDocument, fetchPageImage } from '../api/documents'
import { Failure, NETWORK_FAILURE } from '../api/http'
import type { SubmittedDocument } from '../api/submissions'
import type { HandedFile } from './useFiles'

function blank(key: number, document: SubmittedDocument): HandedFile {
  return {
    key,
    name: document.file_name,
    bytes: 0,
    phase: document.status === 'done' ? 'waiting' : document.status,
    share: 1,
    preview: null,
    documentId: document.id,
    pageCount: document.page_count,
    pagesRead: 0,
    pages: [],
    papers: [],
    images: {},
    failure: null,
    seconds: 0,
  }
}

export function useCaseDocuments(documents: Ref<readonly SubmittedDocument[]>) {
  const files = reactive(new Map<string, HandedFile>())
  const stop = new AbortController()
  let counter = 0

  watch(
    documents,
    (now) => {
      const ids = new Set(now.map((one) => one.id))
      for (const id of [...files.keys()]) if (!ids.has(id)) forget(id)
      for (const one of now) {
        const file = files.get(one.id)
        if (!file) files.set(one.id, blank(++counter, one))
        // It was being read when it was looked at: now there is something to see.
        else if (file.phase !== 'done' && one.status !== file.phase && one.status !== 'queued') {
          file.phase = one.status === 'done' ? 'waiting' : one.status
          file.failure = null
        }
      }
    },
    { immediate: true },
  )

  function forget(id: string): void {
    for (const url of Object.values(files.get(id)?.images ?? {})) URL.revokeObjectURL(url)
    files.delete(id)
  }

  /** What was read of a document, once; the images of its pages come with `image`. */
  async function load(id: string): Promise<HandedFile | null> {
    const file = files.get(id)
    if (!file || file.phase === 'done') return file ?? null
    try {
      const state = await fetchDocument(id, stop.signal)
      Object.assign(file, { pages: state.pages ?? [], papers: state.papers ?? [], pageCount: state.page_count ?? 0 })
      if (state.status === 'failed') throw failureOfDocument(state)
      file.phase = state.status
    } catch (error) {
      if (stop.signal.aborted) return null
      file.failure = error instanceof Failure ? error : NETWORK_FAILURE()
      file.phase = 'failed'
    }
    return file
  }

  /** The image of a page, once. Raises Failure. */
  async function image(id: string, page: number): Promise<void> {
    const file = files.get(id)
    const wanted = file?.pages[page - 1]
    if (!file || !wanted || file.images[page]) return
    const blob = await fetchPageImage(wanted, stop.signal)
    if (!files.has(id)) return
    file.images[page] ??= URL.createObjectURL(blob)
  }

  onBeforeUnmount(() => {
    stop.abort()
    for (const id of [...files.keys()]) forget(id)
  })
  return { files, load, image }
}

export type CaseDocuments = ReturnType<typeof useCaseDocuments>
