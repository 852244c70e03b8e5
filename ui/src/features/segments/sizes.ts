import type { Schemas } from "@/api";

interface Ends {
  now: number;
  /** The present size. */
  size: number;
  /** When the drawing begins, in milliseconds; null where it begins with the segment. */
  since: number | null;
}

/**
 * A drawing's points from the minutes in which a size changed: it holds in between, up to now. The size at the beginning
 * is that of the first point without what happened in it.
 */
export function pointsOf(sizes: readonly Schemas["SizePoint"][], { now, size, since }: Ends) {
  const points = sizes.map((point) => ({ at: Date.parse(point.at), value: point.size }));
  const first = sizes[0];
  const start = first ? first.size - first.entered + first.left : size;
  const begin = since ?? points[0]?.at ?? now;
  const before = points[0] && points[0].at <= begin ? [] : [{ at: begin, value: start }];
  const last = points.at(-1);
  const after = last && last.at >= now ? [] : [{ at: now, value: size }];
  return [...before, ...points, ...after];
}
