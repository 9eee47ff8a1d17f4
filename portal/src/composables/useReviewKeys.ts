/** Single letters at the review desk. Off while somebody types, while a dialog is open, and where a person has turned them off. */
import { onBeforeUnmount, onMounted, ref, watch } from 'vue'

const KEY = 'kaopu-review-letters'

function remembered(): boolean {
  try {
    return localStorage.getItem(KEY) !== 'off'
  } catch {
    return true
  }
}

const TYPING = 'input:not([type=checkbox]):not([type=radio]), textarea, select, dialog, [contenteditable]'

/** @param press is told the key; true if it did something with it */
export function useReviewKeys(press: (key: string) => boolean) {
  const letters = ref(remembered())
  watch(letters, (now) => {
    try {
      if (now) localStorage.removeItem(KEY)
      else localStorage.setItem(KEY, 'off')
    } catch {
      // Without storage it lasts as long as the page.
    }
  })

  function onKey(event: KeyboardEvent): void {
    // Kept down, a key would go through everything.
    if (event.repeat || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return
    if (!letters.value && event.key !== '?') return
    const target = event.target as HTMLElement | null
    if (target?.closest?.(TYPING) || document.querySelector('dialog[open]')) return
    if (press(event.key.toLowerCase())) event.preventDefault()
  }
  onMounted(() => window.addEventListener('keydown', onKey))
  onBeforeUnmount(() => window.removeEventListener('keydown', onKey))
  return { letters }
}
