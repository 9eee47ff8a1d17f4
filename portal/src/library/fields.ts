/**
 * The fields of each kind of entry, as the editor shows them: one form is drawn from these lists.
 *
 * They follow knowledge_base/schema.py and entries.py, which decide what is valid; what is said here is how a field is
 * called, explained and laid out. A field's place in the document is its path: materials.2.name.
 */

export type Kind = 'item' | 'faq' | 'policy' | 'life_event' | 'directory'

export type FieldKind =
  | 'line' // one line of text
  | 'text' // several lines
  | 'rule' // a CEL expression
  | 'number'
  | 'date'
  | 'yes_no'
  | 'select' // one of `options`
  | 'selects' // any of `options`
  | 'lines' // a list of texts
  | 'item' // the id of a service item
  | 'items' // ids of service items
  | 'part' // one group of `fields`
  | 'parts' // a list of groups of `fields`

export interface Choice {
  value: string
  label: string
}

export interface Field {
  key: string
  title: string
  kind: FieldKind
  required?: boolean
  /** What belongs here, in one line. */
  help?: string
  options?: Choice[]
  /** Of a part or of each of several parts. */
  fields?: Field[]
  /** What one of several parts is called: 材料. */
  unit?: string
  /** Half a row wide in the form. */
  half?: boolean
}

export interface FieldGroup {
  /** Also the anchor in the page. */
  id: string
  title: string
  fields: Field[]
}

const same = (...values: string[]): Choice[] => values.map((value) => ({ value, label: value }))

const WHEN: Field[] = [
  { key: 'when', title: '适用于', kind: 'line', half: true, help: '写给人看：哪些人、哪种情形才适用；人人适用就不填' },
  { key: 'rule', title: '规则', kind: 'rule', half: true, help: '写给系统算：用情形问题的编号写条件，如 area >= 200.0' },
]
const SAMPLE: Field = { key: 'sample', title: '示例', kind: 'yes_no', half: true, help: '地址、号码等是演示用的' }
const PHONE: Field[] = [
  { key: 'name', title: '单位', kind: 'line', half: true, required: true },
  { key: 'number', title: '号码', kind: 'line', half: true, required: true, help: '数字和短横线，如 021-12345678' },
  SAMPLE,
]
const BASES: Field = {
  key: 'legal_basis',
  title: '依据',
  kind: 'parts',
  unit: '依据',
  fields: [
    { key: 'law', title: '法律法规', kind: 'line', half: true, required: true },
    { key: 'article', title: '条款', kind: 'line', half: true, help: '如 第二十四条；不确定就不填' },
    { key: 'document_number', title: '文号', kind: 'line', half: true },
    { key: 'text', title: '规定了什么', kind: 'text' },
  ],
}
const STEPS: Field = {
  key: 'steps',
  title: '步骤',
  kind: 'parts',
  unit: '步骤',
  fields: [
    { key: 'name', title: '名称', kind: 'line', required: true },
    { key: 'text', title: '做什么', kind: 'text', required: true },
    ...WHEN,
  ],
}
const CONDITIONS: Field = {
  key: 'conditions',
  title: '条件',
  kind: 'parts',
  unit: '条件',
  fields: [
    { key: 'text', title: '条件', kind: 'text', required: true },
    { key: 'any_of', title: '符合其一即可', kind: 'lines' },
    { key: 'thresholds', title: '标准', kind: 'lines', help: '决定结果的数字：面积、年龄、期限' },
    { key: 'exceptions', title: '例外', kind: 'lines', help: '什么时候不适用，或者要走别的路' },
    ...WHEN,
  ],
}
export const SITUATIONS: Field = {
  key: 'situations',
  title: '情形问题',
  kind: 'parts',
  unit: '问题',
  fields: [
    { key: 'id', title: '编号', kind: 'line', half: true, required: true, help: '英文，规则里用它，如 area' },
    {
      key: 'kind',
      title: '怎样回答',
      kind: 'select',
      half: true,
      options: [
        { value: 'choice', label: '单选' },
        { value: 'choices', label: '多选' },
        { value: 'yes_no', label: '是或否' },
        { value: 'number', label: '填数字' },
      ],
    },
    { key: 'question', title: '问题', kind: 'line', required: true },
    {
      key: 'options',
      title: '选项',
      kind: 'parts',
      unit: '选项',
      fields: [
        { key: 'value', title: '编号', kind: 'line', half: true, required: true },
        { key: 'label', title: '选项', kind: 'line', half: true, required: true },
        { key: 'note', title: '选了意味着什么', kind: 'text' },
        { key: 'said', title: '群众怎么说', kind: 'lines', help: '口头上怎样说这个选项，如 送外卖；不展示，只帮机器人听懂' },
      ],
    },
    { key: 'said_yes', title: '怎么说“是”', kind: 'lines', help: '“是或否”的问题才填：口头上怎样说“是”' },
    { key: 'said_no', title: '怎么说“否”', kind: 'lines', help: '“是或否”的问题才填：口头上怎样说“否”' },
    { key: 'unit', title: '单位', kind: 'line', half: true, help: '填数字的问题才有' },
    { key: 'minimum', title: '最小', kind: 'number', half: true },
    { key: 'maximum', title: '最大', kind: 'number', half: true },
    { key: 'note', title: '说明', kind: 'line' },
    { key: 'rule', title: '什么时候才问', kind: 'rule', help: '只能用前面问题的编号；不填就总要问' },
  ],
}
const DATES: Field[] = [
  { key: 'effective_date', title: '生效日期', kind: 'date', half: true },
  { key: 'cancel_date', title: '取消日期', kind: 'date', half: true },
]
const DEPARTMENT: Field = { key: 'department', title: '负责部门', kind: 'line', half: true, required: true }
const APPLICANTS: Field = {
  key: 'applicant_kinds',
  title: '服务对象',
  kind: 'selects',
  required: true,
  options: same('自然人', '法人', '非法人组织'),
}
const WHOLE_SAMPLE: Field = { ...SAMPLE, help: '据公开法律编写的示例内容' }
const LIMIT: Field[] = [
  { key: 'number', title: '天数', kind: 'number', half: true },
  { key: 'unit', title: '单位', kind: 'select', half: true, required: true, options: same('工作日', '自然日', '即办') },
  { key: 'notes', title: '说明', kind: 'lines', help: '什么不计入、能否延长' },
]
const PAPERS = same(
  '居民身份证人像面', '居民身份证国徽面', '营业执照', '户口簿', '居住证', '不动产权证书', '食品经营许可证',
  '公共场所卫生许可证', '结婚证', '健康证明', '房屋租赁合同', '授权委托书', '申请表', '其他',
)
const MATERIALS: Field = {
  key: 'materials',
  title: '材料',
  kind: 'parts',
  unit: '材料',
  fields: [
    { key: 'name', title: '名称', kind: 'line', required: true },
    { key: 'id', title: '编号', kind: 'line', half: true, required: true, help: '英文，检查和记录用它' },
    { key: 'necessity', title: '必要性', kind: 'select', half: true, required: true, options: same('必要', '非必要', '容缺后补') },
    {
      key: 'kind', title: '形式', kind: 'select', half: true, required: true,
      options: same('原件', '复印件', '电子', '原件和复印件', '原件或复印件'),
    },
    { key: 'copies', title: '份数', kind: 'number', half: true, required: true, help: '电子材料填 0' },
    { key: 'source', title: '来源', kind: 'select', half: true, required: true, options: same('申请人自备', '政府部门核发', '其他') },
    { key: 'page_format', title: '纸张', kind: 'line', half: true },
    { key: 'acceptance_standard', title: '受理标准', kind: 'text', required: true, help: '怎样才算合格，写到能照着核对' },
    { key: 'filling_notes', title: '填报须知', kind: 'text' },
    { key: 'exempt_by_sharing', title: '数据共享可免交', kind: 'yes_no', half: true },
    { key: 'electronic_licence', title: '电子证照', kind: 'line', half: true },
    { key: 'paper_types', title: '对应的证件种类', kind: 'selects', options: PAPERS },
    { key: 'blank_form', title: '空白表样', kind: 'line', half: true },
    { key: 'sample_form', title: '填写样张', kind: 'line', half: true },
    { key: 'legal_basis', title: '要求依据', kind: 'line' },
    ...WHEN,
  ],
}

const ITEM: FieldGroup[] = [
  {
    id: 'overview',
    title: '事项概述',
    fields: [
      { key: 'name', title: '事项名称', kind: 'line', required: true },
      { key: 'aliases', title: '别名', kind: 'lines', help: '群众实际会说的叫法，每个只属于一个事项' },
      { key: 'summary', title: '概述', kind: 'text', required: true },
      DEPARTMENT,
      { key: 'authority', title: '实施主体', kind: 'line', half: true, required: true },
      {
        key: 'item_type', title: '事项类型', kind: 'select', half: true, required: true,
        options: same('行政许可', '行政确认', '行政给付', '行政裁决', '行政征收', '行政奖励', '其他行政权力', '公共服务'),
      },
      {
        key: 'level', title: '行使层级', kind: 'select', half: true, required: true,
        options: same('国家', '省', '市', '县（区）', '乡镇（街道）', '村（社区）'),
      },
      { key: 'handling_kind', title: '办件类型', kind: 'select', half: true, required: true, options: same('即办件', '承诺件') },
      { key: 'status', title: '事项状态', kind: 'select', half: true, options: same('在用', '挂起', '取消') },
      APPLICANTS,
      { key: 'catalogue_code', title: '基本编码', kind: 'line', half: true, help: '12 位' },
      { key: 'implementation_code', title: '实施编码', kind: 'line', half: true, help: '31 位' },
      { key: 'online_channels', title: '网上办理渠道', kind: 'lines' },
      { key: 'online_depth', title: '网办深度', kind: 'line', half: true },
      ...DATES,
      WHOLE_SAMPLE,
    ],
  },
  { id: 'situations', title: '情形', fields: [SITUATIONS] },
  { id: 'conditions', title: '受理条件', fields: [CONDITIONS] },
  { id: 'materials', title: '申请材料', fields: [MATERIALS] },
  { id: 'steps', title: '办理流程', fields: [STEPS] },
  {
    id: 'limits',
    title: '办理时限',
    fields: [
      { key: 'statutory_limit', title: '法定办结时限', kind: 'part', fields: LIMIT },
      { key: 'promised_limit', title: '承诺办结时限', kind: 'part', fields: LIMIT },
    ],
  },
  {
    id: 'fee',
    title: '收费标准',
    fields: [
      {
        key: 'fee',
        title: '收费',
        kind: 'part',
        fields: [
          { key: 'charged', title: '是否收费', kind: 'yes_no', required: true },
          { key: 'standard', title: '标准', kind: 'text', help: '收多少；不收的，为什么' },
          { key: 'cases', title: '不同的人', kind: 'parts', unit: '情况', fields: [{ key: 'text', title: '收多少', kind: 'text', required: true }, ...WHEN] },
          { key: 'legal_basis', title: '收费依据', kind: 'line' },
        ],
      },
    ],
  },
  {
    id: 'result',
    title: '办理结果',
    fields: [
      {
        key: 'results',
        title: '结果',
        kind: 'parts',
        unit: '结果',
        fields: [
          { key: 'name', title: '名称', kind: 'line', half: true, required: true },
          { key: 'kind', title: '种类', kind: 'select', half: true, required: true, options: same('证照', '批文', '其他') },
          { key: 'validity', title: '有效期', kind: 'line', half: true },
          { key: 'delivery', title: '送达方式', kind: 'line', half: true },
          { key: 'notes', title: '之后要注意', kind: 'lines' },
          ...WHEN,
        ],
      },
    ],
  },
  {
    id: 'visits',
    title: '到现场次数',
    fields: [
      {
        key: 'visits', title: '到现场', kind: 'part',
        fields: [
          { key: 'count', title: '最多几次', kind: 'number', half: true, required: true, help: '0 表示全程网办' },
          { key: 'note', title: '说明', kind: 'line' },
        ],
      },
    ],
  },
  {
    id: 'places',
    title: '地点与时间',
    fields: [
      {
        key: 'places', title: '办理地点', kind: 'parts', unit: '地点',
        fields: [
          { key: 'name', title: '名称', kind: 'line', required: true },
          { key: 'address', title: '地址', kind: 'line', half: true },
          { key: 'window', title: '窗口', kind: 'line', half: true },
          SAMPLE,
          ...WHEN,
        ],
      },
      {
        key: 'hours', title: '办理时间', kind: 'parts', unit: '时间',
        fields: [{ key: 'text', title: '时间', kind: 'line', required: true }, SAMPLE],
      },
    ],
  },
  {
    id: 'phones',
    title: '电话',
    fields: [
      { key: 'consult_phone', title: '咨询电话', kind: 'part', fields: PHONE },
      { key: 'supervise_phone', title: '监督电话', kind: 'part', fields: PHONE },
    ],
  },
  { id: 'legal_basis', title: '设定依据', fields: [BASES] },
]

const ELEMENTS: Choice[] = [
  { value: 'overview', label: '事项概述' },
  { value: 'conditions', label: '受理条件' },
  { value: 'materials', label: '申请材料' },
  { value: 'steps', label: '办理流程' },
  { value: 'limits', label: '办理时限' },
  { value: 'fee', label: '收费标准' },
  { value: 'result', label: '办理结果' },
  { value: 'visits', label: '到现场次数' },
  { value: 'places', label: '办理地点' },
  { value: 'hours', label: '办理时间' },
  { value: 'phones', label: '咨询与监督电话' },
  { value: 'legal_basis', label: '设定依据' },
]

const FAQ: FieldGroup[] = [
  {
    id: 'overview',
    title: '问答',
    fields: [
      { key: 'name', title: '问题', kind: 'line', required: true },
      { key: 'aliases', title: '其他问法', kind: 'lines' },
      { key: 'item', title: '所属事项', kind: 'item', half: true, required: true },
      { key: 'element', title: '关于', kind: 'select', half: true, required: true, options: ELEMENTS },
      { key: 'answer', title: '解答', kind: 'text', required: true, help: '要与事项指南一致，单独看也看得懂' },
      DEPARTMENT,
      ...DATES,
      WHOLE_SAMPLE,
    ],
  },
  { id: 'legal_basis', title: '依据', fields: [BASES] },
]

const POLICY: FieldGroup[] = [
  {
    id: 'overview',
    title: '概述',
    fields: [
      { key: 'name', title: '政策名称', kind: 'line', required: true },
      { key: 'aliases', title: '别名', kind: 'lines' },
      { key: 'summary', title: '概述', kind: 'text', required: true },
      DEPARTMENT,
      { key: 'issuer', title: '发布机关', kind: 'line', half: true, required: true },
      APPLICANTS,
      { key: 'items', title: '通过哪些事项办理', kind: 'items' },
      ...DATES,
      { key: 'valid_until', title: '政策有效期至', kind: 'date', half: true },
      WHOLE_SAMPLE,
    ],
  },
  { id: 'conditions', title: '享受条件', fields: [CONDITIONS] },
  {
    id: 'amounts',
    title: '内容与标准',
    fields: [
      {
        key: 'amounts', title: '内容', kind: 'parts', unit: '内容',
        fields: [{ key: 'text', title: '给什么、多少', kind: 'text', required: true }, ...WHEN],
      },
    ],
  },
  { id: 'deadlines', title: '申报期限', fields: [{ key: 'deadlines', title: '期限', kind: 'lines' }] },
  { id: 'steps', title: '怎样申请', fields: [STEPS] },
  { id: 'phones', title: '电话', fields: [{ key: 'consult_phone', title: '咨询电话', kind: 'part', fields: PHONE }] },
  { id: 'legal_basis', title: '依据', fields: [BASES] },
]

const LIFE_EVENT: FieldGroup[] = [
  {
    id: 'overview',
    title: '概述',
    fields: [
      { key: 'name', title: '名称', kind: 'line', required: true },
      { key: 'aliases', title: '别名', kind: 'lines' },
      { key: 'summary', title: '概述', kind: 'text', required: true },
      DEPARTMENT,
      ...DATES,
      WHOLE_SAMPLE,
      { key: 'notes', title: '提醒', kind: 'lines' },
    ],
  },
  { id: 'situations', title: '情形', fields: [SITUATIONS] },
  {
    id: 'items',
    title: '包含事项',
    fields: [
      {
        key: 'items', title: '事项', kind: 'parts', unit: '事项',
        fields: [
          { key: 'item', title: '事项', kind: 'item', required: true },
          { key: 'note', title: '在这件事里的不同', kind: 'text' },
          ...WHEN,
        ],
      },
    ],
  },
  { id: 'steps', title: '办理流程', fields: [STEPS] },
  { id: 'legal_basis', title: '依据', fields: [BASES] },
]

const DIRECTORY: FieldGroup[] = [
  {
    id: 'overview',
    title: '目录事项',
    fields: [
      { key: 'name', title: '名称', kind: 'line', required: true },
      { key: 'aliases', title: '别名', kind: 'lines' },
      DEPARTMENT,
      { key: 'area', title: '区划', kind: 'line', half: true },
      { key: 'group', title: '分组', kind: 'line', half: true },
      { key: 'link', title: '链接', kind: 'line' },
      { key: 'status', title: '状态', kind: 'select', half: true, options: same('在用', '挂起', '取消') },
    ],
  },
]

export const FORMS: Record<Kind, FieldGroup[]> = {
  item: ITEM,
  faq: FAQ,
  policy: POLICY,
  life_event: LIFE_EVENT,
  directory: DIRECTORY,
}

export const KIND_TITLES: Record<Kind, string> = {
  item: '办事指南',
  faq: '常见问答',
  policy: '政策',
  life_event: '一件事',
  directory: '目录事项',
}

/** A place in words: 申请材料 › 第 2 条 › 受理标准. */
export function placeTitle(kind: Kind, place: string): string {
  const titles: string[] = []
  let fields: Field[] = FORMS[kind].flatMap((group) => group.fields)
  for (const part of place.split('.')) {
    if (/^\d+$/.test(part)) titles.push(`第 ${Number(part) + 1} 条`)
    else {
      const field = fields.find((one) => one.key === part)
      titles.push(field?.title ?? part)
      fields = field?.fields ?? []
    }
  }
  return titles.join(' › ')
}
