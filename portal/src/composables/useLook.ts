/** What of a submission is looked at: a document, one of its pages, a finding and which of its places; and what is marked there. */
import { computed, reactive, ref, watch } from 'vue'
import type { Finding } from '../api/submissions'
import { fieldMarks, stampMarks, type Look, type Mark } from '../papers/marks'
import { firstSeen, isOpen } from '../review/findings'
import { SEVERITY_WORDS } from '../review/words'
import { outlines } from '../papers/outlines'
import type { Case } from './useCase'
import type { CaseDocuments } from './useCaseDocuments'
import { useChecking, type Checking } from './useChecking'
import type { HandedFile } from './useFiles'

export type Panel = 'findings' | 'materials' | 'form' | 'fields' | 'history'

const LOOKS: Record<Finding['severity'], Look> = { defect: 'defect', undetermined: 'check', note: 'line' }

export function useLook(one: Case, documents: CaseDocuments) {
  const panel = ref<Panel>('findings')
  const documentId = ref<string | null>(null)
  const page = ref(1)
  /** Key of the finding that is selected. */
  const selected = ref<string | null>(null)
  const lit = ref<string | null>(null)
  const lost = reactive(new Set<string>())
  const checkings = new Map<string, Checking>()

  const file = computed<HandedFile | null>(() => (documentId.value ? (documents.files.get(documentId.value) ?? null) : null))
  const shownPage = computed(() => file.value?.pages[page.value - 1] ?? null)
  const image = computed(() => file.value?.images[page.value] ?? null)
  const finding = computed(() => one.findings.value.find((each) => each.key === selected.value) ?? null)
  const onFields = computed(() => panel.value === 'fields')
  const checking = computed<Checking | null>(() => {
    if (!file.value || !documentId.value) return null
    const known = checkings.get(documentId.value)
    if (known) return known
    const made = useChecking(file.value)
    checkings.set(documentId.value, made)
    return made
  })

  const marks = computed<Mark[]>(() => {
    const here = shownPage.value
    if (!here || !file.value) return []
    if (onFields.value)
      return [...stampMarks(here, page.value), ...fieldMarks(file.value.papers, here, page.value)]
    return one.findings.value.flatMap((each): Mark[] => {
      const boxes = each.evidence.flatMap((place) =>
        place.document_id === documentId.value && place.page === page.value && place.box ? [place.box] : [],
      )
      if (!boxes.length) return []
      const settled = each.severity !== 'note' && !isOpen(each)
      const look = settled ? 'agreed' : LOOKS[each.severity]
      return [{ key: each.key, boxes: outlines(boxes, here), look, label: `${settled ? '已核定，' : ''}${SEVERITY_WORDS[each.severity]}：${each.clerk}` }]
    })
  })

  async function show(id: string, number = 1): Promise<void> {
    documentId.value = id
    page.value = Math.max(1, number)
    await documents.load(id)
    await fetchImage()
  }

  async function fetchImage(): Promise<void> {
    const id = documentId.value
    if (!id) return
    const name = `${id}/${page.value}`
    lost.delete(name)
    await documents.image(id, page.value).catch(() => lost.add(name))
  }
  watch(page, () => void fetchImage())

  /** Select a finding: its page is brought and its place lit. `at`: which of its places. */
  async function select(key: string, at: number | null = null): Promise<void> {
    selected.value = key
    lit.value = key
    const place = at === null ? (finding.value && firstSeen(finding.value)) : finding.value?.evidence[at]
    if (!place?.document_id) return
    const paper = one.view.value?.documents
      .find((each) => each.id === place.document_id)
      ?.papers.find((each) => each.number === place.paper)
    const number = place.page ?? paper?.pages[0] ?? 1
    if (place.document_id !== documentId.value || number !== page.value || !image.value) await show(place.document_id, number)
  }

  // Something is always shown: the first document, and what is read of it as soon as it is.
  watch(
    () => one.view.value?.documents.map((each) => `${each.id}:${each.status}`).join(),
    () => {
      const all = one.view.value?.documents ?? []
      const here = all.find((each) => each.id === documentId.value) ?? all[0]
      if (!here) documentId.value = null
      else void show(here.id, here.id === documentId.value ? page.value : 1)
    },
    { immediate: true },
  )

  return {
    panel, documentId, page, selected, lit, lost, file, shownPage, image, finding, onFields, checking, marks,
    show, fetchImage, select,
  }
}

export type CaseLook = ReturnType<typeof useLook>
