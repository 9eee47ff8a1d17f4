/** Nobody has touched the screen for a while: count down, then call `leave`. */
import { computed, onBeforeUnmount, onMounted, ref } from 'vue'

const SIGNS_OF_LIFE = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart', 'input'] as const

/** `seconds` until `leave`, the last `warning` of them counted aloud; `resting` tells that there is nothing to leave. */
export function useIdle(options: { seconds: () => number; warning: number; resting: () => boolean; leave: () => void }) {
  const idle = ref(0)
  const left = computed(() => options.seconds() - idle.value)
  const counting = computed(() => left.value <= options.warning)
  let timer = 0

  function stir(): void {
    idle.value = 0
  }

  // Once it is counted aloud, `stir` alone stops it: what is shown then must not vanish under the finger that reaches for it.
  function notice(): void {
    if (!counting.value) stir()
  }

  function tick(): void {
    if (options.resting()) return stir()
    idle.value += 1
    if (left.value > 0) return
    stir()
    options.leave()
  }

  onMounted(() => {
    timer = window.setInterval(tick, 1000)
    for (const sign of SIGNS_OF_LIFE) window.addEventListener(sign, notice, { capture: true, passive: true })
  })
  onBeforeUnmount(() => {
    window.clearInterval(timer)
    for (const sign of SIGNS_OF_LIFE) window.removeEventListener(sign, notice, { capture: true })
  })

  return { left, counting, stir }
}
