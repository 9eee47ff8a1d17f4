/** Zoom and turn of a page inside a frame whose size is watched. */
import { computed, onBeforeUnmount, reactive, ref, watch, type Ref } from 'vue'

const SMALLEST = 0.5
const LARGEST = 6
const STEP = 1.25

/**
 * @param frame the scrolling element that the page is shown in
 * @param size  width and height of the page's image in pixels
 */
export function useZoom(frame: Ref<HTMLElement | null>, size: Ref<{ width: number; height: number }>) {
  const zoom = ref(1)
  /** Quarter turns to the right: 0, 90, 180, 270. */
  const turn = ref(0)
  const room = reactive({ width: 0, height: 0 })

  const sideways = computed(() => turn.value % 180 !== 0)
  /** Screen pixels for one image pixel at zoom 1: the whole page is seen. */
  const fit = computed(() => {
    const { width, height } = size.value
    if (!room.width || !room.height || !width || !height) return 0
    const [across, down] = sideways.value ? [height, width] : [width, height]
    return Math.min(room.width / across, room.height / down)
  })
  const sheet = computed(() => ({
    width: size.value.width * fit.value * zoom.value,
    height: size.value.height * fit.value * zoom.value,
  }))
  const stage = computed(() =>
    sideways.value ? { width: sheet.value.height, height: sheet.value.width } : sheet.value,
  )

  /** Zoom so that the point under the cursor (or the middle) stays where it is. */
  function zoomTo(wanted: number, event?: { clientX: number; clientY: number }): void {
    const element = frame.value
    const next = Math.min(LARGEST, Math.max(SMALLEST, wanted))
    const ratio = next / zoom.value
    if (!element || ratio === 1) return
    const bounds = element.getBoundingClientRect()
    const x = event ? event.clientX - bounds.left : bounds.width / 2
    const y = event ? event.clientY - bounds.top : bounds.height / 2
    const left = (element.scrollLeft + x) * ratio - x
    const top = (element.scrollTop + y) * ratio - y
    zoom.value = next
    requestAnimationFrame(() => element.scrollTo({ left, top }))
  }

  function onWheel(event: WheelEvent): void {
    if (!event.ctrlKey && !event.metaKey) return
    event.preventDefault()
    zoomTo(zoom.value * Math.exp(-event.deltaY * 0.0025), event)
  }

  const watcher = new ResizeObserver(([entry]) => {
    if (entry) Object.assign(room, { width: entry.contentRect.width, height: entry.contentRect.height })
  })
  watch(
    frame,
    (now, before) => {
      if (before) watcher.unobserve(before)
      before?.removeEventListener('wheel', onWheel)
      if (now) watcher.observe(now)
      // Not passive: the browser would zoom the whole window otherwise.
      now?.addEventListener('wheel', onWheel, { passive: false })
    },
    { immediate: true, flush: 'post' },
  )
  onBeforeUnmount(() => watcher.disconnect())

  return {
    zoom,
    turn,
    sheet,
    stage,
    zoomIn: () => zoomTo(zoom.value * STEP),
    zoomOut: () => zoomTo(zoom.value / STEP),
    reset: () => zoomTo(1),
    turnRight: () => (turn.value = (turn.value + 90) % 360),
  }
}
