/**
 * The questionnaire of an entry as a tree: each question, its answers, and what hangs on each of them.
 *
 * A rule is not worked out here (the server does that): what a rule names is enough to draw. An answer is taken to lead to a
 * part if the rule compares the question with that answer; a rule that only names the question hangs on the question.
 */

import type { Group, Value } from './places'

export interface Branch {
  /** The option's value, 'true', 'false', or the comparison with a number. */
  answer: string
  label: string
  note: string
  /** Conditions, materials, ... that this answer decides about. */
  decides: { element: string; name: string; rule: string }[]
  /** Questions that are asked because of it. */
  questions: Node[]
}

export interface Node {
  id: string
  question: string
  kind: string
  rule: string
  branches: Branch[]
}

const PARTS: [key: string, element: string][] = [
  ['conditions', '条件'],
  ['materials', '材料'],
  ['steps', '步骤'],
  ['results', '结果'],
  ['places', '地点'],
  ['items', '事项'],
  ['amounts', '内容'],
]

const groupsOf = (value: Value): Group[] =>
  Array.isArray(value) ? value.filter((one): one is Group => !!one && typeof one === 'object' && !Array.isArray(one)) : []
const said = (value: Value): string => (value === undefined || value === null ? '' : String(value))

/** Everything of the document that a rule decides about, but questions. */
function decided(document: Group): { element: string; name: string; rule: string }[] {
  const fee = document.fee && typeof document.fee === 'object' && !Array.isArray(document.fee) ? document.fee : {}
  const lists: [Group[], string][] = PARTS.map(([key, element]) => [groupsOf(document[key]), element])
  lists.push([groupsOf(fee.cases), '收费'])
  return lists.flatMap(([parts, element]) =>
    parts
      .filter((part) => said(part.rule))
      .map((part) => ({ element, name: said(part.name ?? part.text ?? part.item), rule: said(part.rule) })),
  )
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
const names = (rule: string, id: string) => new RegExp(`(?<![\\w.'"])${escaped(id)}(?![\\w'"])`).test(rule)

/** Whether `rule` turns on question `id` being answered with `answer`. */
export function turnsOn(rule: string, id: string, answer: string, kind: string): boolean {
  const name = escaped(id)
  if (kind === 'yes_no') {
    const negated = new RegExp(`!\\s*${name}\\b|${name}\\s*==\\s*false|${name}\\s*!=\\s*true`).test(rule)
    return names(rule, id) && negated === (answer === 'false')
  }
  const value = `['"]${escaped(answer)}['"]`
  if (new RegExp(`${name}\\s*==\\s*${value}|${value}\\s*==\\s*${name}\\b|${value}\\s+in\\s+${name}\\b`).test(rule)) return true
  if (new RegExp(`${name}\\s+in\\s+\\[[^\\]]*${value}`).test(rule)) return true
  return new RegExp(`${name}\\s*!=\\s*['"]`).test(rule) && !new RegExp(`${name}\\s*!=\\s*${value}`).test(rule)
}

const numbersIn = (rule: string, id: string): string[] =>
  [...rule.matchAll(new RegExp(`${escaped(id)}\\s*(>=|<=|==|>|<)\\s*([0-9.]+)`, 'g'))].map((found) => `${found[1]} ${Number(found[2])}`)

/** The questions of the entry as trees, in their order; a question hangs under the first answer that leads to it. */
export function situationTree(document: Group): Node[] {
  const questions = groupsOf(document.situations)
  const parts = decided(document)
  const nodes = new Map<string, Node>()
  const roots: Node[] = []
  for (const data of questions) {
    const id = said(data.id)
    const kind = said(data.kind) || 'choice'
    const rules = [...parts.map((part) => part.rule), ...questions.map((one) => said(one.rule))]
    const branches: Branch[] = answersOf(data, id, kind, rules).map(([answer, label, note]) => ({
      answer, label, note, questions: [],
      decides: parts.filter((part) => (kind === 'number' ? numbersIn(part.rule, id).includes(answer) : turnsOn(part.rule, id, answer, kind))),
    }))
    const node: Node = { id, question: said(data.question), kind, rule: said(data.rule), branches }
    const hosts = [...nodes.values()].flatMap((host) =>
      host.branches
        .filter((branch) => host.kind === 'number' ? numbersIn(node.rule, host.id).includes(branch.answer) : turnsOn(node.rule, host.id, branch.answer, host.kind))
        .map((branch) => branch),
    )
    if (node.rule && hosts.length) for (const host of hosts) host.questions.push(node)
    else roots.push(node)
    nodes.set(id, node)
  }
  return roots
}

function answersOf(data: Group, id: string, kind: string, rules: string[]): [string, string, string][] {
  if (kind === 'yes_no') return [['true', '是', ''], ['false', '否', '']]
  if (kind === 'number') {
    const compared = [...new Set(rules.flatMap((rule) => numbersIn(rule, id)))]
    return compared.map((one) => [one, `${one.replace('>=', '≥').replace('<=', '≤').replace('==', '=')} ${said(data.unit)}`, ''])
  }
  return groupsOf(data.options).map((option) => [said(option.value), said(option.label), said(option.note)])
}
