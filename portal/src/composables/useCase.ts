/**
 * One submission at the review desk: read, kept up to date, and changed. Every change carries the revision that was read; one that
 * comes too late is told with what is different now, and nothing that was typed is lost: the forms keep it.
 */
import { computed, inject, onBeforeUnmount, ref, type InjectionKey } from 'vue'
import { followChanges } from '../api/changes'
import { Failure, NETWORK_FAILURE } from '../api/http'
import * as api from '../api/submissions'
import type { Submission } from '../api/submissions'
import { changesBetween } from '../review/changed'

const STALE = new Set(['revision_changed', 'claimed_by_other', 'not_claimed', 'step_not_possible', 'finding_not_found'])

export function useCase(id: string) {
  const view = ref<Submission | null>(null)
  /** Why it could not be read at all. */
  const failure = ref<Failure | null>(null)
  /** Why the last change was not made. */
  const trouble = ref('')
  /** What had changed when a change came too late. */
  const changes = ref<string[]>([])
  const busy = ref(false)
  const told = ref('')
  const stop = new AbortController()
  onBeforeUnmount(() => stop.abort())

  const mine = computed(() => Boolean(view.value?.claimed_by_me))
  /** Whether findings may be ruled and the case decided now. */
  const open = computed(() => mine.value && (view.value?.allowed.length ?? 0) > 0)
  const findings = computed(() => view.value?.report?.findings ?? [])

  async function reload(): Promise<void> {
    try {
      view.value = await api.fetchSubmission(id, stop.signal)
      failure.value = null
    } catch (error) {
      if (stop.signal.aborted) return
      failure.value = error instanceof Failure ? error : NETWORK_FAILURE()
    }
  }

  /** Make one change; true once it is made. */
  async function act(work: (revision: number) => Promise<Submission>, done = ''): Promise<boolean> {
    const before = view.value
    if (!before || busy.value) return false
    busy.value = true
    trouble.value = told.value = ''
    changes.value = []
    try {
      view.value = await work(before.revision)
      told.value = done
      return true
    } catch (error) {
      const failed = error instanceof Failure ? error : NETWORK_FAILURE()
      trouble.value = failed.message
      if (failed.status === 409 && STALE.has(failed.code)) {
        await reload()
        if (view.value) changes.value = changesBetween(before, view.value)
      }
      return false
    } finally {
      busy.value = false
    }
  }

  async function start(): Promise<void> {
    await reload()
    let first = true
    void followChanges(
      api.eventsOf(id),
      () => {
        // The first event only says where it stands now.
        if (!first && !busy.value) void reload()
        first = false
      },
      stop.signal,
    )
  }

  return {
    id,
    view,
    failure,
    trouble,
    changes,
    busy,
    told,
    mine,
    open,
    findings,
    start,
    reload,
    act,
    claim: () => act(() => api.claim(id), '已领取，可以办理了'),
    release: () => act(() => api.release(id), '已放回队列'),
    check: () => act(() => api.runCheck(id), '正在预审'),
    rule: (key: string, ruling: api.Ruling | null, reason: string | null = null) =>
      act(
        (revision) => api.rule(id, key, revision, ruling, reason),
        ruling === 'confirmed' ? '已确认' : ruling === 'overruled' ? '已推翻' : '已收回核定',
      ),
    add: (found: { material: string | null; applicant: string; mend: string }) =>
      act((revision) => api.addFinding(id, revision, found), '已写入人工发现'),
    step: (step: api.Step, reason: string | null) =>
      act((revision) => api.takeStep(id, revision, step, reason), '已办理'),
    forget() {
      trouble.value = ''
      changes.value = []
    },
  }
}

export type Case = ReturnType<typeof useCase>
export const CASE: InjectionKey<Case> = Symbol('case')

export function theCase(): Case {
  const found = inject(CASE)
  if (!found) throw new Error('outside of a case')
  return found
}
