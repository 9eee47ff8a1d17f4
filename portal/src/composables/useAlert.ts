/** Draw a clerk's eye and ear to somebody who has just come: a short tone, and a title that changes until they look. */
import { onBeforeUnmount, ref, type Ref } from 'vue'

export interface Alert {
  sounding: Ref<boolean>
  ring: (text: string) => void
  calm: () => void
}

export function useAlert(): Alert {
  const sounding = ref(true)
  const title = document.title
  let timer = 0
  let audio: AudioContext | null = null

  function tone(): void {
    try {
      audio ??= new AudioContext()
      const start = audio.currentTime
      for (const [after, pitch] of [
        [0, 880],
        [0.18, 1175],
      ] as const) {
        const oscillator = audio.createOscillator()
        const volume = audio.createGain()
        oscillator.frequency.value = pitch
        volume.gain.setValueAtTime(0.12, start + after)
        volume.gain.exponentialRampToValueAtTime(0.001, start + after + 0.16)
        oscillator.connect(volume).connect(audio.destination)
        oscillator.start(start + after)
        oscillator.stop(start + after + 0.17)
      }
    } catch {
      // A machine without sound; the title still tells.
    }
  }

  function ring(text: string): void {
    if (sounding.value) tone()
    window.clearInterval(timer)
    document.title = `【${text}】`
    timer = window.setInterval(() => {
      document.title = document.title === title ? `【${text}】` : title
    }, 1000)
  }

  function calm(): void {
    window.clearInterval(timer)
    timer = 0
    document.title = title
  }

  function looked(): void {
    if (!document.hidden) calm()
  }

  document.addEventListener('visibilitychange', looked)
  window.addEventListener('focus', looked)
  window.addEventListener('pointerdown', looked)
  onBeforeUnmount(() => {
    calm()
    document.removeEventListener('visibilitychange', looked)
    window.removeEventListener('focus', looked)
    window.removeEventListener('pointerdown', looked)
    void audio?.close()
  })
  return { sounding, ring, calm }
}
