/** What the checker and the schema say about a field, by the field's place. */

export type Severity = 'error' | 'warning' | 'info'

export interface Mark {
  place: string
  severity: Severity
  /** What is wrong, in Chinese. */
  reason: string
  suggestion?: string
  /** The words in question, if it is about words. */
  words?: string
}

export class Marks {
  private readonly byPlace = new Map<string, Mark[]>()

  constructor(readonly all: readonly Mark[] = []) {
    for (const mark of all) {
      const list = this.byPlace.get(mark.place)
      if (list) list.push(mark)
      else this.byPlace.set(mark.place, [mark])
    }
  }

  /** Marks of exactly this field. */
  at(place: string): readonly Mark[] {
    return this.byPlace.get(place) ?? []
  }

  /** Marks of this field and of everything in it. */
  within(place: string): Mark[] {
    return this.all.filter((mark) => mark.place === place || mark.place.startsWith(`${place}.`))
  }
}

export const SEVERITY_TITLES: Record<Severity, string> = { error: '必须改', warning: '建议改', info: '提示' }
