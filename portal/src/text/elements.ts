/** What the elements of a service guide are called on screen, and how one asks for them. */
const NAMES: Record<string, string> = {
  conditions: '受理条件',
  materials: '申请材料',
  steps: '办理流程',
  limits: '办结时限',
  fee: '收费',
  result: '办理结果',
  places: '办理地点',
  hours: '办理时间',
  phones: '咨询电话',
  legal_basis: '设定依据',
  overview: '一次告知',
  online: '网上办理',
  items: '包含事项',
}

export function elementName(element: string | null | undefined): string {
  return element ? (NAMES[element] ?? '') : ''
}

export interface FollowUp {
  element: string
  label: string
  question: string
}

/** Questions that most people ask next about an item. */
export function followUps(itemName: string): FollowUp[] {
  const asked: [string, string, string][] = [
    ['materials', '要带什么材料', '要什么材料'],
    ['conditions', '什么条件能办', '需要什么条件'],
    ['steps', '怎么办理', '怎么办理'],
    ['limits', '多久能办好', '多久能办好'],
    ['fee', '要不要钱', '收费吗'],
    ['places', '去哪里办', '去哪里办'],
  ]
  return asked.map(([element, label, words]) => ({ element, label, question: `${itemName}${words}` }))
}
