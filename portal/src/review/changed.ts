/** What is different between two readings of a submission, in words: told to a clerk whose change came too late. Pure. */
import type { Submission } from '../api/submissions'
import { STATE_WORDS } from './words'

export function changesBetween(before: Submission, after: Submission): string[] {
  const told: string[] = []
  if (before.state !== after.state) told.push(`状态由“${STATE_WORDS[before.state]}”变为“${STATE_WORDS[after.state]}”`)
  if (before.claimed_by !== after.claimed_by)
    told.push(after.claimed_by ? `${after.claimed_by}领取了这个办件` : '办件已放回，没有人领取')
  const papers = (one: Submission) => new Set(one.documents.map((each) => each.id))
  const [had, has] = [papers(before), papers(after)]
  const more = [...has].filter((id) => !had.has(id)).length
  const less = [...had].filter((id) => !has.has(id)).length
  if (more) told.push(`新交来 ${more} 份文件`)
  if (less) told.push(`撤下 ${less} 份文件`)
  const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other)
  if (!same(before.answers, after.answers)) told.push('情形回答改了')
  if (!same(before.form, after.form)) told.push('表单改了')
  if (before.report?.number !== after.report?.number) told.push('预审重新运行过')
  const rulings = new Map(before.report?.findings.map((one) => [one.key, one.ruling]) ?? [])
  const ruled = after.report?.findings.filter((one) => rulings.has(one.key) && rulings.get(one.key) !== one.ruling) ?? []
  for (const one of ruled)
    told.push(`“${one.clerk}”${one.ruling === 'confirmed' ? '已确认' : one.ruling === 'overruled' ? '已推翻' : '的核定收回了'}${one.ruled_by ? `（${one.ruled_by}）` : ''}`)
  const own = after.report?.findings.filter((one) => one.by === 'person' && !rulings.has(one.key)).length ?? 0
  if (own) told.push(`新增 ${own} 条人工发现`)
  return told.length ? told : ['办件有了新的修订']
}
