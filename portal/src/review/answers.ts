/** Answers to an item's questions, in words. Pure. */
import type { Answers, Situation } from '../api/submissions'

export function answerWords(question: Situation, answers: Answers): string {
  const said = answers[question.id]
  if (said === undefined || said === null) return '未回答'
  if (question.kind === 'yes_no') return said ? '是' : '否'
  if (question.kind === 'number') return `${String(said)}${question.unit ?? ''}`
  const values = Array.isArray(said) ? said : [said]
  if (!values.length) return '都没有'
  return values.map((value) => question.options?.find((one) => one.value === value)?.label ?? String(value)).join('、')
}

/** Questions that were asked in this case: those that are answered. */
export const asked = (situations: readonly Situation[], answers: Answers) =>
  situations.filter((one) => answers[one.id] !== undefined && answers[one.id] !== null)
