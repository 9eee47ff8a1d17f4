/**
 * Reading an answer aloud, with a Chinese voice of this machine.
 *
 * Voices that a browser fetches from its maker's servers are left out: a citizen's question must not leave the house.
 */
import { computed, ref } from 'vue'

const synthesis = typeof window !== 'undefined' && 'speechSynthesis' in window ? window.speechSynthesis : null
const voice = ref<SpeechSynthesisVoice | null>(null)
/** Id of what is being read, or null. */
const reading = ref<number | null>(null)

function chooseVoice(): void {
  const voices = synthesis?.getVoices() ?? []
  voice.value = voices.find((one) => one.localService && /^(zh|cmn)([-_]|$)/i.test(one.lang)) ?? null
}

chooseVoice()
synthesis?.addEventListener?.('voiceschanged', chooseVoice)

function hush(): void {
  synthesis?.cancel()
  reading.value = null
}

function readAloud(id: number, text: string): void {
  const again = reading.value === id
  hush()
  if (again || !synthesis || !voice.value) return
  const words = new SpeechSynthesisUtterance(text)
  words.voice = voice.value
  words.lang = voice.value.lang
  words.rate = 0.95
  words.onend = words.onerror = () => {
    if (reading.value === id) reading.value = null
  }
  reading.value = id
  synthesis.speak(words)
}

export function useReadAloud() {
  return { available: computed(() => voice.value !== null), reading, readAloud, hush }
}
