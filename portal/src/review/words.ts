/** Words for what the hub names by codes. */
import type { By, MaterialState, QueueEntry, Severity, State, Step, Timer, Verdict } from '../api/submissions'

export const SEVERITY_WORDS: Record<Severity, string> = { defect: '缺陷', undetermined: '待查', note: '提示' }
export const VERDICT_WORDS: Record<Verdict, string> = {
  pass: '没有发现问题',
  to_correct: '建议一次性告知补正',
  to_person: '交人工判断',
}
export const BY_WORDS: Record<By, string> = { machine: '机器', person: '人工', law: '依法' }
export const MATERIAL_WORDS: Record<MaterialState, string> = {
  matched: '已交',
  partly: '只交了一部分',
  missing: '缺',
  exempt: '免于提交',
  later: '可容缺后补',
  not_needed: '不需要',
  open: '情形未答，待定',
  by_person: '请人工查看',
}
export const STATE_WORDS: Record<State, string> = {
  draft: '自查中',
  received: '收件',
  accepted: '受理',
  correction: '补齐补正',
  refused: '不予受理',
  done: '办结',
  returned: '退件',
}
export const STEP_WORDS: Record<Step, string> = {
  submit: '提交',
  supplement: '补齐后重新提交',
  accept: '受理',
  correct: '一次性告知补正',
  refuse: '不予受理',
  complete: '办结',
  return: '退件',
}
/** What follows from a step, told before it is taken. */
export const STEP_MEANS: Partial<Record<Step, string>> = {
  accept: '材料齐全、符合法定形式；从今天起计算办理时限。',
  correct: '把需要补正的全部内容一次告知申请人，时限暂停，等申请人补齐。',
  refuse: '依法不属于受理范围；办件到此结束，不能撤回。',
  complete: '办理完成，结果送达；办件到此结束，不能撤回。',
  return: '退回全部材料；办件到此结束，不能撤回。',
}

/** How much time is left, in words. */
export function leftWords(timer: Pick<Timer, 'working_days_left' | 'overdue' | 'stopped'>): string {
  if (timer.stopped) return '已暂停'
  const left = timer.working_days_left
  if (left === null) return ''
  if (timer.overdue) return `已超期 ${Math.abs(left)} 个工作日`
  return left === 0 ? '今天到期' : `剩 ${left} 个工作日`
}

/** 0..1 as a word beside a number: how likely a submission needs care. */
export function riskWord(entry: Pick<QueueEntry, 'risk'>): string {
  if (entry.risk >= 0.6) return '高'
  return entry.risk >= 0.25 ? '中' : '低'
}

export const percent = (share: number) => `${Math.round(share * 100)}%`

/** Why the machine could not tell, by its code. */
const REASONS: Record<string, string> = {
  field_missing: '没有读到这一项',
  field_unsure: '读得没有把握',
  page_unreadable: '这一页看不清',
  rule_failed: '规则没能运行，请人工查看',
  kind_unsure: '拿不准是哪种材料',
  seal_unsure: '看不准有没有盖章、签字',
  answer_missing: '情形问题没有回答',
  by_person: '机器不认识这种材料，由人工查看',
}
export const reasonWord = (reason: string | null) => (reason ? (REASONS[reason] ?? '请人工查看') : '')
