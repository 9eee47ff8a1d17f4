/** 长辈版: larger type, wider lines, fewer things. Remembered on this machine; nothing else is. */
import { ref, watchEffect } from 'vue'

const KEY = 'kaopu-elder'

function remembered(): boolean {
  try {
    return localStorage.getItem(KEY) === '1'
  } catch {
    return false
  }
}

const elder = ref(remembered())

watchEffect(() => {
  document.documentElement.classList.toggle('elder', elder.value)
  try {
    if (elder.value) localStorage.setItem(KEY, '1')
    else localStorage.removeItem(KEY)
  } catch {
    // Private windows forbid it: the choice then lasts as long as the page.
  }
})

export function useElderMode() {
  return { elder }
}
