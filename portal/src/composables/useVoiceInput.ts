/**
 * Speaking instead of typing, where the browser can turn speech into text.
 *
 * Some browsers do it on the machine, others hand the sound to their maker; which one it is, is told before the first
 * word (`local`), and the machine's own way is taken where there is one.
 */
import { computed, onBeforeUnmount, ref } from 'vue'

interface Recognition extends EventTarget {
  lang: string
  interimResults: boolean
  processLocally?: boolean
  start(): void
  stop(): void
  abort(): void
}

interface RecognitionKind {
  new (): Recognition
  available?(options: { langs: string[]; processLocally: boolean }): Promise<string>
}

interface RecognitionResult extends Event {
  results: ArrayLike<ArrayLike<{ transcript: string }>>
}

const LANGUAGE = 'zh-CN'

function kindOf(): RecognitionKind | null {
  const owner = window as unknown as Record<string, RecognitionKind | undefined>
  return owner.SpeechRecognition ?? owner.webkitSpeechRecognition ?? null
}

const TROUBLES: Record<string, string> = {
  'not-allowed': '浏览器没有允许使用话筒，请打字，或在浏览器里允许后再试。',
  'service-not-allowed': '这个浏览器不让本页面用语音，请打字。',
  'audio-capture': '没有找到话筒，请打字。',
  'no-speech': '没有听到声音，请再说一次。',
  network: '语音转文字没有连上，请打字。',
}

/** `heard` is called with the words so far, again and again while somebody speaks. */
export function useVoiceInput(heard: (text: string) => void) {
  const Kind = kindOf()
  const listening = ref(false)
  const trouble = ref('')
  const local = ref(false)
  let current: Recognition | null = null

  void Kind?.available?.({ langs: [LANGUAGE], processLocally: true })
    .then((state) => (local.value = state === 'available'))
    .catch(() => undefined)

  function start(): void {
    if (!Kind) return
    trouble.value = ''
    const recognition = new Kind()
    current = recognition
    recognition.lang = LANGUAGE
    recognition.interimResults = true
    if (local.value) recognition.processLocally = true
    recognition.addEventListener('result', (event) => {
      const { results } = event as RecognitionResult
      heard(Array.from(results, (one) => one[0]?.transcript ?? '').join(''))
    })
    recognition.addEventListener('error', (event) => {
      const { error } = event as Event & { error?: string }
      if (error !== 'aborted') trouble.value = TROUBLES[error ?? ''] ?? '没有听清，请再说一次，或者打字。'
    })
    recognition.addEventListener('end', () => (listening.value = false))
    try {
      recognition.start()
      listening.value = true
    } catch {
      trouble.value = '语音没有启动，请打字。'
    }
  }

  onBeforeUnmount(() => current?.abort())

  return {
    available: Kind !== null,
    listening,
    trouble,
    local: computed(() => local.value),
    toggle: () => (listening.value ? current?.stop() : start()),
  }
}
