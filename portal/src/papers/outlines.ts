/**
 * Outlines around the boxes of one value: lines that follow each other get one outline together, a little away from the
 * letters, so that a dashed line doesn't run through what has to be read.
 */
import type { Point } from './geometry'

/** In heights of a line: how near boxes are to be put together, and how far the outline keeps off the letters. */
const NEAR = 0.9
const AWAY = 0.16
/** Of the page's longer side, at most: a box around a whole paragraph is no line. */
const FURTHEST = 0.004

const shortSide = (box: readonly Point[]) =>
  Math.min(
    ...box.map(([x, y], at) => {
      const [nextX, nextY] = box[(at + 1) % box.length]!
      return Math.hypot(nextX - x, nextY - y)
    }),
  )

/** The convex hull (Andrew's monotone chain). */
function hull(points: readonly Point[]): Point[] {
  const sorted = [...points].sort((one, other) => one[0] - other[0] || one[1] - other[1])
  const half = (ordered: Point[]) => {
    const chain: Point[] = []
    for (const point of ordered) {
      while (chain.length >= 2) {
        const [a, b] = [chain[chain.length - 2]!, chain[chain.length - 1]!]
        if ((b[0] - a[0]) * (point[1] - a[1]) - (b[1] - a[1]) * (point[0] - a[0]) > 0) break
        chain.pop()
      }
      chain.push(point)
    }
    return chain.slice(0, -1)
  }
  return [...half(sorted), ...half(sorted.reverse())]
}

function near(one: readonly Point[], other: readonly Point[], most: number): boolean {
  const apart = (axis: 0 | 1) => {
    const here = one.map((point) => point[axis])
    const there = other.map((point) => point[axis])
    return Math.max(0, Math.min(...there) - Math.max(...here), Math.min(...here) - Math.max(...there))
  }
  return Math.hypot(apart(0), apart(1)) <= most
}

/** @param boxes relative to a page of `width` x `height` pixels, as are the outlines */
export function outlines(boxes: readonly Point[][], { width, height }: { width: number; height: number }): Point[][] {
  let groups: { points: Point[]; line: number }[] = []
  for (const box of boxes) {
    const points = box.map(([x, y]): Point => [x * width, y * height])
    const line = shortSide(points)
    const close = groups.filter((group) => near(group.points, points, NEAR * Math.max(group.line, line)))
    groups = groups.filter((group) => !close.includes(group))
    groups.push({
      points: [...close.flatMap((group) => group.points), ...points],
      line: Math.max(line, ...close.map((group) => group.line)),
    })
  }
  return groups.map(({ points, line }) => {
    const around = hull(points)
    const away = Math.min(AWAY * line, FURTHEST * Math.max(width, height))
    const middleX = around.reduce((sum, [x]) => sum + x, 0) / around.length
    const middleY = around.reduce((sum, [, y]) => sum + y, 0) / around.length
    return around.map(([x, y]): Point => [
      (x + Math.sign(x - middleX) * away) / width,
      (y + Math.sign(y - middleY) * away) / height,
    ])
  })
}
