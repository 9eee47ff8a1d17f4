/** 2026年11月24日, where the reader is. `value`: a moment as the hub writes it. */
export function day(value: string): string {
  const at = new Date(value)
  return `${at.getFullYear()}年${at.getMonth() + 1}月${at.getDate()}日`
}
