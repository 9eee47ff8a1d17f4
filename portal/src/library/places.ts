/** A place in a document: keys and indices from its root, written materials.2.name. */

export type Place = (string | number)[]
export type Value = string | number | boolean | null | undefined | Value[] | { [key: string]: Value }
export type Group = { [key: string]: Value }

export const written = (place: Place): string => place.join('.')

/** What stands at `place`; undefined if nothing does. */
export function valueAt(root: Value, place: Place): Value {
  let value: Value = root
  for (const part of place) {
    if (Array.isArray(value)) value = value[Number(part)]
    else if (value && typeof value === 'object') value = value[String(part)]
    else return undefined
  }
  return value
}

const isEmpty = (value: Value): boolean =>
  value === undefined ||
  value === null ||
  value === '' ||
  (Array.isArray(value) && value.length === 0) ||
  (typeof value === 'object' && !Array.isArray(value) && value !== null && Object.keys(value).length === 0)

/** A copy of `root` with `value` at `place`. What is empty is left out of its group, so that a cleared field is a missing one. */
export function withValue(root: Value, place: Place, value: Value): Value {
  const [part, ...rest] = place
  if (part === undefined) return value
  if (typeof part === 'number') {
    const list = Array.isArray(root) ? [...root] : []
    list[part] = withValue(list[part], rest, value)
    return list
  }
  const group: Group = root && typeof root === 'object' && !Array.isArray(root) ? { ...root } : {}
  const next = withValue(group[part], rest, value)
  if (isEmpty(next)) delete group[part]
  else group[part] = next
  return group
}

/** `list` with the entry at `from` moved to `to`. */
export function moved<T>(list: readonly T[], from: number, to: number): T[] {
  const copy = [...list]
  const [one] = copy.splice(from, 1)
  if (one !== undefined) copy.splice(to, 0, one)
  return copy
}
