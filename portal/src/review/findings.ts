/** What is to be said of the findings of a submission: which are open, in which order, by material, and what goes into the notice. Pure. */
import type { Evidence, Finding, NoticePoint, Report, Severity, Step } from '../api/submissions'

/** Nobody has said anything of it, and it matters. */
export const isOpen = (one: Finding) => one.severity !== 'note' && one.ruling === null

/** Goes into the notice: a defect that wasn't overruled, or what a person confirmed to be one. */
export const toBeMended = (one: Finding) =>
  one.severity === 'defect' ? one.ruling !== 'overruled' : one.severity === 'undetermined' && one.ruling === 'confirmed'

/** Speaks against accepting: nobody has overruled it. */
export const standsAgainst = (one: Finding) => one.severity !== 'note' && one.ruling !== 'overruled'

export const openOf = (findings: readonly Finding[], severity?: Severity) =>
  findings.filter((one) => isOpen(one) && (!severity || one.severity === severity))

export interface Group {
  id: string
  name: string
  findings: Finding[]
}

const WEIGHT: Record<Severity, number> = { undetermined: 1, defect: 0, note: 2 }
const WHOLE = '整个申请'

/** By material, in the item's order; what concerns the whole comes last. Within one: defects, what is unclear, notes. */
export function grouped(report: Report): Group[] {
  const groups = new Map<string, Group>(report.materials.map((one) => [one.id, { id: one.id, name: one.name, findings: [] }]))
  const whole: Group = { id: '', name: WHOLE, findings: [] }
  for (const one of report.findings) {
    const known = one.material ? groups.get(one.material) : undefined
    if (known) known.findings.push(one)
    else if (one.material) groups.set(one.material, { id: one.material, name: one.material_name ?? one.material, findings: [one] })
    else whole.findings.push(one)
  }
  const all = [...groups.values(), whole].filter((group) => group.findings.length)
  for (const group of all) group.findings.sort((one, other) => WEIGHT[one.severity] - WEIGHT[other.severity])
  return all
}

/** The points of the one notice as the hub will write them: each thing said once, in the order of the materials. */
export function noticePoints(report: Report): NoticePoint[] {
  const points: NoticePoint[] = []
  const said = new Set<string>()
  const order = new Map(report.materials.map((one, at) => [one.id, at]))
  const place = (one: Finding) => order.get(one.material ?? '') ?? order.size
  for (const one of report.findings.filter(toBeMended).sort((a, b) => place(a) - place(b))) {
    const point = { material: one.material_name ?? WHOLE, problem: one.applicant, mend: one.mend }
    const key = JSON.stringify(point)
    if (!said.has(key)) points.push(point)
    said.add(key)
  }
  return points
}

/** Where a finding is shown: its first evidence that has a place, else one that at least names a page or a paper. */
export const firstSeen = (one: Finding): Evidence | null =>
  one.evidence.find((each) => each.document_id && each.box) ?? one.evidence.find((each) => each.document_id) ?? null

/** What keeps a step from being taken, and what has to be said for it. */
export interface Demands {
  /** Findings that somebody has to look at first: nobody may pass over what the machine couldn't tell. */
  unseen: Finding[]
  /** Of them the clerk's reason has to speak; empty: none stands against the step. */
  against: Finding[]
  /** Why a reason is needed; empty: none is. */
  reason: string
  /** Why it can't be done now; empty: it can. */
  blocked: string
}

/** What a step asks of the clerk. `report` null: the check has not run. */
export function demandsOf(step: Step, report: Report | null): Demands {
  const findings = report?.findings ?? []
  const decides = step === 'accept' || step === 'complete'
  const unseen = decides || step === 'correct' ? openOf(findings, 'undetermined') : []
  const against = decides ? findings.filter(standsAgainst) : []
  let reason = ''
  if (step === 'refuse' || step === 'return') reason = '请写明理由，申请人会看到。'
  else if (!report || report.stale) reason = '预审还没有最新结果，仍要这样决定的，请写明理由。'
  else if (against.length) reason = `还有 ${against.length} 条没有推翻的发现，仍要这样决定的，请写明理由。`
  let blocked = ''
  if (unseen.length) blocked = `有 ${unseen.length} 条待查的机器没能判断，请先逐条看过、核定。`
  else if (step === 'correct' && !noticeOf(report).length) blocked = '没有需要补正的内容；请先核定发现，或写下您的发现。'
  return { unseen, against, reason, blocked }
}

const noticeOf = (report: Report | null) => (report ? noticePoints(report) : [])
