/** Nobody has touched the screen for a while: count down, then call `leave`. Any touch or key stops it. */
import { computed, onBeforeUnmount, onMounted, ref } from 'vue'

const SIGNS_OF_LIFE = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart', 'input'] as const

/** `seconds` until `leave`, the last `warning` of them counted aloud; `resting` tells that there is nothing to leave. */
export function useIdle(options: { seconds: () => number; warning: number; resting: () => boolean; leave: () => void }) {
  const idle = ref(0)
  const left = computed(() => options.seconds() - idle.value)
  let timer = 0

  function stir(): void {
    idle.value = 0
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
    for (const sign of SIGNS_OF_LIFE) window.addEventListener(sign, stir, { capture: true, passive: true })
  })
  onBeforeUnmount(() => {
    window.clearInterval(timer)
    for (const sign of SIGNS_OF_LIFE) window.removeEventListener(sign, stir, { capture: true })
  })

  return { left, counting: computed(() => left.value <= options.warning), stir }
}
