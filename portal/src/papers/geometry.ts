/**
 * Places on a page. Boxes are four corners relative to the page as it was sent, 0..1, beginning at the upper left corner of
 * the text as it is read; a page is shown turned by quarter turns to the right (0, 90, 180 or 270 degrees).
 */

export type Point = [number, number]

/** Left, top, right, bottom as shares of a width and a height, 0..1. */
export interface Region {
  left: number
  top: number
  right: number
  bottom: number
}

export type Turn = 0 | 90 | 180 | 270

export const asTurn = (degrees: number): Turn => ((((Math.round(degrees / 90) * 90) % 360) + 360) % 360) as Turn

/** The quarter turn to the right that makes a page's text stand upright; `rotation` counts to the left. */
export const uprightTurn = (rotation: number): Turn => asTurn(360 - rotation)

/** Where a point of the page is seen once the page is turned. */
export function turned([x, y]: Point, turn: Turn): Point {
  if (turn === 90) return [1 - y, x]
  if (turn === 180) return [1 - x, 1 - y]
  if (turn === 270) return [y, 1 - x]
  return [x, y]
}

/** The point of the page that is seen at a point of the turned page. */
export const turnedBack = (point: Point, turn: Turn): Point => turned(point, asTurn(360 - turn))

/** The upright rectangle around points. */
export function around(points: readonly Point[]): Region {
  const across = points.map(([x]) => x)
  const down = points.map(([, y]) => y)
  return { left: Math.min(...across), top: Math.min(...down), right: Math.max(...across), bottom: Math.max(...down) }
}

/** Corners clockwise from the upper left one. */
const corners = ({ left, top, right, bottom }: Region): Point[] => [
  [left, top],
  [right, top],
  [right, bottom],
  [left, bottom],
]

/** A region of the page as it is seen under `turn`. */
export const seenUnder = (region: Region, turn: Turn): Region =>
  around(corners(region).map((corner) => turned(corner, turn)))

/** A region that was drawn on the turned page, on the page as it was sent. */
export const drawnUnder = (region: Region, turn: Turn): Region => seenUnder(region, asTurn(360 - turn))

/** A region of the page as the box of a text: it begins where the text does once it stands upright. */
export function boxOf(region: Region, rotation: number): Point[] {
  const turn = uprightTurn(rotation)
  return corners(seenUnder(region, turn)).map((corner) => turnedBack(corner, turn))
}

const within = (value: number, most: number) => Math.min(most, Math.max(0, value))

/** A region between two points in any order, cut off at the page's edges. */
export const between = (one: Point, other: Point): Region =>
  around([one, other].map(([x, y]): Point => [within(x, 1), within(y, 1)]))

/** A region moved by so much, its size kept, held within the page. */
export function moved({ left, top, right, bottom }: Region, across: number, down: number): Region {
  const x = within(left + across, 1 - (right - left))
  const y = within(top + down, 1 - (bottom - top))
  return { left: x, top: y, right: x + right - left, bottom: y + bottom - top }
}

/** A region with its right and lower edge moved, at least `least` wide and high, held within the page. */
export function resized({ left, top, right, bottom }: Region, across: number, down: number, least: number): Region {
  return {
    left,
    top,
    right: Math.min(1, Math.max(left + least, right + across)),
    bottom: Math.min(1, Math.max(top + least, bottom + down)),
  }
}
