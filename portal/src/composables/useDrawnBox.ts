/** A box that a person draws over a page as it is shown: with the mouse, a finger, or the arrow keys. */
import { ref, type Ref } from 'vue'
import { between, moved, resized, type Point, type Region } from '../papers/geometry'

/** Shares of the page. */
const STEP = 0.01
const LEAST = 0.01
/** A drag that ends so near its beginning was a click. */
const LEAST_PIXELS = 6
/** A box of about a line's height, for keyboards to begin with. */
const FIRST_SIZE = { width: 0.3, height: 0.035 }

const ARROWS: Record<string, Point> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
}

/**
 * @param layer  the element over the page; shares refer to it
 * @param start  where the keyboard's box begins: the place of the field, or null for the middle
 * @param finish hears the box
 */
export function useDrawnBox(layer: Ref<HTMLElement | null>, start: () => Region | null, finish: (region: Region) => void) {
  const box = ref<Region | null>(null)
  let from: { point: Point; x: number; y: number } | null = null

  function pointAt(event: PointerEvent): Point {
    const { left, top, width, height } = layer.value!.getBoundingClientRect()
    return [(event.clientX - left) / width, (event.clientY - top) / height]
  }

  function onDown(event: PointerEvent): void {
    if (event.button !== 0) return
    event.preventDefault()
    layer.value?.focus({ preventScroll: true })
    layer.value?.setPointerCapture(event.pointerId)
    from = { point: pointAt(event), x: event.clientX, y: event.clientY }
    box.value = null
  }

  function onMove(event: PointerEvent): void {
    if (from) box.value = between(from.point, pointAt(event))
  }

  function onUp(event: PointerEvent): void {
    if (!from) return
    const { point, x, y } = from
    from = null
    if (Math.abs(event.clientX - x) < LEAST_PIXELS || Math.abs(event.clientY - y) < LEAST_PIXELS) box.value = null
    else finish((box.value = between(point, pointAt(event))))
  }

  function onCancel(): void {
    from = null
    box.value = null
  }

  function first(): Region {
    const { width, height } = FIRST_SIZE
    const middle = { left: 0.5 - width / 2, top: 0.5 - height / 2, right: 0.5 + width / 2, bottom: 0.5 + height / 2 }
    return start() ?? middle
  }

  /** True if the key was one of the box's. */
  function onKey(event: KeyboardEvent): boolean {
    if (event.key === 'Enter' && box.value) {
      finish(box.value)
      return true
    }
    const arrow = ARROWS[event.key]
    if (!arrow || event.altKey || event.ctrlKey || event.metaKey) return false
    const [across, down] = [arrow[0] * STEP, arrow[1] * STEP]
    // The first arrow only puts the box there, so that it is seen before it moves.
    if (!box.value) box.value = first()
    else box.value = event.shiftKey ? resized(box.value, across, down, LEAST) : moved(box.value, across, down)
    return true
  }

  return { box, onDown, onMove, onUp, onCancel, onKey }
}
