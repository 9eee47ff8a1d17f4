/**
 * Checking the fields of one file: which one is lit, which one is being put right, and with what.
 *
 * Nothing is written before the person saves. A box that is drawn is read again and its text put into the input; the place
 * goes to the hub with the value.
 */
import { computed, reactive, ref, toRaw, type Ref } from 'vue'
import { correctField, nameKind, readRegion, type Field, type Page, type Paper, type Place } from '../api/documents'
import { Failure, NETWORK_FAILURE } from '../api/http'
import { boxOf, type Region } from '../papers/geometry'
import { disproof, keyOf, percent, shown } from '../papers/standing'
import type { HandedFile } from './useFiles'

export interface Editing {
  key: string
  paper: Paper
  field: Field
  text: string
  /** Where a person pointed to, once they have. */
  place: Place | null
  /** What was read in the box, and what to think of it. */
  told: string
  /** What the hub said against it. */
  failure: string
  busy: 'saving' | 'reading' | null
}

const message = (error: unknown) => (error instanceof Failure ? error : NETWORK_FAILURE()).message

/** What is being typed, by file: it waits while another file is looked at. */
const begun = new WeakMap<HandedFile, Ref<Editing | null>>()

export function useChecking(file: HandedFile) {
  const editing = begun.get(toRaw(file)) ?? ref<Editing | null>(null)
  begun.set(toRaw(file), editing)
  /** Key of the mark that is lit, on the page and beside it. */
  const lit = ref<string | null>(editing.value?.key ?? null)
  /** Whether a box is being drawn for the field that is being put right. */
  const drawing = ref(false)
  /** Numbers of papers whose kind is being named. */
  const naming = reactive(new Set<number>())

  const changed = computed(() => {
    const now = editing.value
    return now !== null && (now.place !== null || now.text.trim() !== shown(now.field.value))
  })

  function edit(paper: Paper, field: Field): void {
    const key = keyOf(paper, field)
    drawing.value = false
    editing.value = { key, paper, field, text: shown(field.value), place: null, told: '', failure: '', busy: null }
    lit.value = key
  }

  /** Whether another field may be opened; what was typed and not saved is not thrown away. */
  function free(): boolean {
    if (!editing.value || !changed.value) return true
    editing.value.failure = '这一项还没有保存，请先保存或取消。'
    return false
  }

  function cancel(): void {
    drawing.value = false
    editing.value = null
  }

  /** Save what stands in the input; true once it is saved (or nothing had to be). */
  async function save(): Promise<boolean> {
    const now = editing.value
    if (!now || now.busy || !file.documentId) return false
    const same = !changed.value
    const kept = same && (now.field.corrected || now.field.level === 'sure')
    if (!kept) {
      Object.assign(now, { busy: 'saving', failure: '' })
      try {
        const value = same ? now.field.value : now.text.trim() || null
        file.papers = await correctField(file.documentId, now.paper.number, now.field.id, value, now.place)
      } catch (error) {
        Object.assign(now, { busy: null, failure: message(error) })
        return false
      }
    }
    if (editing.value === now) cancel()
    return true
  }

  /** Read the drawn region again for the field; its text is put into the input for the person to confirm. */
  async function read(page: Page, number: number, region: Region): Promise<void> {
    const now = editing.value
    drawing.value = false
    if (!now || !file.documentId) return
    Object.assign(now, { busy: 'reading', failure: '', told: '' })
    try {
      const found = await readRegion(file.documentId, number, region, now.paper.kind, now.field.id)
      if (editing.value !== now) return
      if (!found.text) {
        now.failure = '框里没有读到文字。请框大一些重来，或直接输入。'
      } else {
        now.text = shown(found.value ?? found.text)
        now.place = { page: number, box: boxOf(region, page.rotation) }
        const doubt = found.proven === false ? `，${disproof(found.value ?? found.text)}，请对照原件` : ''
        now.told = `框内读到“${found.text}”，把握 ${percent(found.confidence)}${doubt}`
      }
    } catch (error) {
      now.failure = message(error)
    } finally {
      now.busy = null
    }
  }

  /** Say which kind a paper is. Raises Failure. */
  async function name(paper: Paper, kind: string): Promise<void> {
    if (!file.documentId || naming.has(paper.number)) return
    naming.add(paper.number)
    try {
      const papers = await nameKind(file.documentId, paper.number, kind)
      cancel()
      file.papers = papers
    } finally {
      naming.delete(paper.number)
    }
  }

  return { lit, editing, drawing, naming, changed, edit, free, cancel, save, read, name }
}

export type Checking = ReturnType<typeof useChecking>
