/**
 * Whether the pointer itself moved: a list that scrolls under a resting mouse must not take the light from the keyboard.
 * Browsers tell of a mouse move after every scroll, at the place where the mouse has been all along.
 */
let seen = ''
let now = false

window.addEventListener(
  'mousemove',
  (event) => {
    const place = `${event.screenX} ${event.screenY}`
    now = place !== seen
    seen = place
  },
  // Before any element hears of it.
  { capture: true, passive: true },
)

/** For listeners of mousemove. */
export const pointerMoved = () => now
