/** How a field stands with the person who checks it: what needs a look, and in which words that is said. */
import type { Field, Paper } from '../api/documents'

/** `agreed`: a person looked and left the value as it was read; `absent`: a person says the paper doesn't have it. */
export type Standing = 'sure' | 'check' | 'missing' | 'corrected' | 'agreed' | 'absent'

export const STANDING_WORDS: Record<Standing, string> = {
  sure: '可采用',
  check: '请核对',
  missing: '没有读到',
  corrected: '已改正',
  agreed: '已核对',
  absent: '纸上没有',
}

/** The kind of papers that are none of those the hub knows. */
export const OTHER = 'other'

export const keyOf = (paper: Paper, field: Field) => `${paper.number}/${field.id}`

export function standingOf(field: Field): Standing {
  if (field.corrected) {
    if (field.value === null) return 'absent'
    return field.confirmed ? 'agreed' : 'corrected'
  }
  return field.level
}

export const needsLook = (field: Field) => !field.corrected && field.level !== 'sure'

/** Whether a person has to say which kind a paper is before anything of it counts. */
export const needsKind = (paper: Paper) => paper.kind === OTHER && !paper.named_by_person

const PERIOD = /^(\d{4}-\d{2}-\d{2})\/(\d{4}-\d{2}-\d{2}|长期)$/

/** A value as people write it; the hub takes it back in this form. */
export function shown(value: string | null): string {
  const period = PERIOD.exec(value ?? '')
  return period ? `${period[1]} 至 ${period[2]}` : (value ?? '')
}

/** Numbers of 15 characters or more carry a check digit; anything else that fails a check has the wrong form. */
const NUMBER = /^[0-9A-Z*]{15,}$/

export const disproof = (value: string | null) => (NUMBER.test(value ?? '') ? '校验位不符' : '格式不符')

/** What else a person should know of a field, in words. */
export function notesOn(field: Field): string[] {
  const notes: string[] = []
  if (field.repair && !field.corrected) notes.push(`第 ${field.repair.place + 1} 位原读作 ${field.repair.read}`)
  if (field.proven === false && field.value !== null) notes.push(disproof(field.value))
  return notes
}

/** Rounded down: 99.6 % is no certainty. */
export const percent = (share: number) => `${Math.floor(share * 100)}%`
