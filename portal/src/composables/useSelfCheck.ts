/**
 * A citizen's own submission: a draft that is checked as often as they like, then handed in and followed. The address of the page is all
 * that is needed to come back to it; nothing is stored in the browser.
 */
import { computed, onBeforeUnmount, reactive, ref } from 'vue'
import { followChanges } from '../api/changes'
import { Failure, NETWORK_FAILURE } from '../api/http'
import * as api from '../api/submissions'
import type { Submission } from '../api/submissions'

const asFailure = (error: unknown) => (error instanceof Failure ? error : NETWORK_FAILURE())

/** A file on its way, or one that was refused. */
export interface OnItsWay {
  key: number
  name: string
  material: string | null
  file: File
  failure: string
}

export function useSelfCheck(id: string) {
  const view = ref<Submission | null>(null)
  const failure = ref<Failure | null>(null)
  const trouble = ref('')
  const busy = ref(false)
  const sending = reactive<OnItsWay[]>([])
  const stop = new AbortController()
  onBeforeUnmount(() => stop.abort())
  let counter = 0
  let queue: Promise<unknown> = Promise.resolve()

  /** Whether papers, form and answers may be changed by the applicant. */
  const open = computed(() => view.value?.state === 'draft' || view.value?.state === 'correction')
  const unread = computed(() => view.value?.documents.filter((one) => one.status === 'queued' || one.status === 'reading').length ?? 0)
  const checking = computed(() => Boolean(view.value?.documents.length && (!view.value.report || view.value.report.stale)))

  async function reload(): Promise<void> {
    try {
      view.value = await api.fetchSubmission(id, stop.signal)
      failure.value = null
    } catch (error) {
      if (!stop.signal.aborted) failure.value = asFailure(error)
    }
  }

  /** One change after the other. One that came too late (the check has run in between) is made again on what is there now. */
  function act(work: (revision: number) => Promise<Submission>): Promise<boolean> {
    const run = async (): Promise<boolean> => {
      busy.value = true
      trouble.value = ''
      try {
        for (let again = 0; ; again++) {
          try {
            view.value = await work(view.value?.revision ?? 0)
            return true
          } catch (error) {
            const failed = asFailure(error)
            if (failed.code !== 'revision_changed' || again === 2) throw failed
            await reload()
          }
        }
      } catch (error) {
        trouble.value = asFailure(error).message
        return false
      } finally {
        busy.value = false
      }
    }
    const result = queue.then(run)
    queue = result
    return result
  }

  async function send(one: OnItsWay): Promise<void> {
    try {
      const { submission, refused } = await api.handIn(id, [one.file], one.material)
      view.value = submission
      if (refused[0]) one.failure = refused[0].error.message
      else drop(one)
    } catch (error) {
      one.failure = asFailure(error).message
    }
  }

  function drop(one: OnItsWay): void {
    const at = sending.findIndex((each) => each.key === one.key)
    if (at >= 0) sending.splice(at, 1)
  }

  /** Hand files in one by one, so that one that is refused holds up no other. */
  async function add(files: readonly File[], material: string | null): Promise<void> {
    for (const file of files) {
      sending.push({ key: ++counter, name: file.name || '照片', material, file, failure: '' })
      const one = sending[sending.length - 1]!
      queue = queue.then(() => send(one))
    }
    await queue
  }

  async function again(one: OnItsWay): Promise<void> {
    one.failure = ''
    queue = queue.then(() => send(one))
    await queue
  }

  async function start(): Promise<void> {
    await reload()
    let first = true
    void followChanges(
      api.eventsOf(id),
      () => {
        if (!first) void reload()
        first = false
      },
      stop.signal,
    )
  }

  return {
    id, view, failure, trouble, busy, sending, open, unread, checking, start, reload, add, again, drop,
    remove: (document: string) => act(() => api.takePaperBack(id, document)),
    answer: (answers: api.Answers) => act((revision) => api.changeSubmission(id, revision, { answers })),
    fill: (form: api.FormValues) => act((revision) => api.changeSubmission(id, revision, { form: { ...view.value?.form, ...form } })),
    check: () => act(() => api.runCheck(id)),
    submit: () => act((revision) => api.takeStep(id, revision, view.value?.state === 'draft' ? 'submit' : 'supplement', null)),
  }
}

export type SelfCheck = ReturnType<typeof useSelfCheck>
