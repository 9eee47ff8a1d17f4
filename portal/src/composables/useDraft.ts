/**
 * One draft being edited: what was typed, saved by itself after a pause, and what to do when somebody else saved first.
 *
 * Nothing typed is ever thrown away: a refused save leaves it in the form, and a conflict shows both texts.
 */

import { computed, onBeforeUnmount, onMounted, ref, shallowRef } from 'vue'
import { onBeforeRouteLeave } from 'vue-router'
import { Failure } from '../api/http'
import * as library from '../api/library'
import type { Finding, Version } from '../api/library'
import { Marks, type Mark } from '../library/marks'
import { withValue, type Group, type Place, type Value } from '../library/places'

const SAVE_AFTER_MS = 1200
const LINT_AFTER_MS = 500

export type SaveState = 'saved' | 'typed' | 'saving' | 'failed' | 'conflict'

export function useDraft(version: Version, onSaved: (version: Version) => void) {
  const document = shallowRef<Group>(version.document)
  const revision = ref(version.revision)
  const state = ref<SaveState>('saved')
  const failure = ref('')
  const faults = shallowRef(version.faults)
  const findings = shallowRef<Finding[]>([])
  /** The other person's text, when there is a conflict. */
  const theirs = shallowRef<Version | null>(null)
  /** Places that the server refused to save, with why (a rule that doesn't compile). */
  const refused = shallowRef<Mark[]>([])
  let saveTimer = 0
  let lintTimer = 0
  let running: Promise<void> | null = null
  let linting: AbortController | null = null

  const marks = computed(
    () =>
      new Marks([
        ...refused.value,
        ...faults.value.map((fault): Mark => ({ place: fault.field, severity: 'error', reason: fault.expected })),
        ...findings.value
          // What is missing altogether is said by the schema already.
          .filter((finding) => !faults.value.some((fault) => fault.field === finding.field))
          .map(
            (finding): Mark => ({
              place: finding.field, severity: finding.severity, reason: finding.reason, suggestion: finding.suggestion, words: finding.words,
            }),
          ),
      ]),
  )

  function change(place: Place, value: Value): void {
    document.value = withValue(document.value, place, value) as Group
    if (state.value !== 'conflict') state.value = 'typed'
    window.clearTimeout(saveTimer)
    saveTimer = window.setTimeout(() => void save(), SAVE_AFTER_MS)
    check()
  }

  function check(): void {
    window.clearTimeout(lintTimer)
    lintTimer = window.setTimeout(async () => {
      linting?.abort()
      linting = new AbortController()
      try {
        findings.value = (await library.lint(version.kind, document.value, linting.signal)).findings
      } catch {
        // The checker is a help; without it writing goes on.
      }
    }, LINT_AFTER_MS)
  }

  /** Save what is typed; waits for a save that is under way. True if everything typed is safe with the hub. */
  async function save(): Promise<boolean> {
    window.clearTimeout(saveTimer)
    if (running) await running
    if (state.value === 'saved') return true
    if (state.value === 'conflict') return false
    running = send().finally(() => {
      running = null
    })
    await running
    return (state.value as SaveState) === 'saved'
  }

  async function send(): Promise<void> {
    const sent = document.value
    state.value = 'saving'
    try {
      const saved = await library.save(version.entry_id, revision.value, sent)
      revision.value = saved.revision
      faults.value = saved.faults
      refused.value = []
      failure.value = ''
      state.value = document.value === sent ? 'saved' : 'typed'
      if (state.value === 'typed') saveTimer = window.setTimeout(() => void save(), SAVE_AFTER_MS)
      onSaved(saved)
    } catch (error) {
      await onRefused(error)
    }
  }

  async function onRefused(error: unknown): Promise<void> {
    state.value = 'failed'
    failure.value = error instanceof Failure ? error.message : '没有保存成功。'
    if (!(error instanceof Failure)) return
    if (error.code === 'draft_changed') {
      state.value = 'conflict'
      const detail = await library.entry(version.entry_id).catch(() => null)
      theirs.value = detail?.open ?? null
    } else if (error.code === 'content_invalid' && Array.isArray(error.problem.errors)) {
      const errors = error.problem.errors as { field: string; expected: string }[]
      refused.value = errors.map((one) => ({ place: one.field, severity: 'error', reason: one.expected }))
    } else if (error.status === 0 || error.status >= 500 || error.status === 429) {
      saveTimer = window.setTimeout(() => void save(), 5000)
    }
  }

  /** End a conflict: with one's own text saved over the other's, or with theirs. */
  async function settle(mine: boolean): Promise<void> {
    const other = theirs.value
    if (!other) return
    revision.value = other.revision
    theirs.value = null
    failure.value = ''
    if (mine) {
      state.value = 'typed'
      await save()
    } else {
      document.value = other.document
      faults.value = other.faults
      state.value = 'saved'
      onSaved(other)
      check()
    }
  }

  const unsafe = () => state.value !== 'saved'
  function onLeave(event: BeforeUnloadEvent): void {
    if (unsafe()) event.preventDefault()
  }
  onMounted(() => {
    window.addEventListener('beforeunload', onLeave)
    check()
  })
  onBeforeUnmount(() => {
    window.removeEventListener('beforeunload', onLeave)
    window.clearTimeout(saveTimer)
    window.clearTimeout(lintTimer)
    linting?.abort()
  })
  onBeforeRouteLeave(async () => {
    if (unsafe() && !(await save())) return window.confirm('有修改没有保存成功，离开就会丢失。仍然离开吗？')
    return true
  })

  return { document, revision, state, failure, marks, theirs, change, save, settle }
}
