import type { Schemas } from "@/api";
import { quoted } from "@/shared/sentences";

type Region = Schemas["RegionOut"];
interface Named {
  id: string;
  name: string;
}

/** The filter of those who are in exactly these segments of all that are compared. */
export function regionWhere(all: readonly Named[], inside: readonly string[]): string {
  return all
    .map(({ id, name }) => `${inside.includes(id) ? "in segment" : "not in segment"} ${quoted(name)}`)
    .join(" and ");
}

/** One name for a set of segments, in whatever order they come. */
export function regionKey(inside: readonly string[]): string {
  return [...inside].sort().join(" ");
}

/** Regions with people first, the largest first; those in fewer segments first where they are alike. */
export function largestFirst(regions: readonly Region[]): Region[] {
  return [...regions].sort((a, b) => b.count - a.count || a.inside.length - b.inside.length);
}

/** An ellipse of a diagram, in the diagram's own units; `turn` in degrees, clockwise. */
export interface Shape {
  x: number;
  y: number;
  rx: number;
  ry: number;
  turn: number;
}
export interface Point {
  x: number;
  y: number;
}

export interface Diagram {
  width: number;
  height: number;
  shapes: readonly Shape[];
  /** Where each shape's name stands: outside, at the end that no other shape covers. */
  labels: readonly (Point & { anchor: "start" | "middle" | "end" })[];
}

const circle = (x: number, y: number, r: number): Shape => ({ x, y, rx: r, ry: r, turn: 0 });
const FIVE = [0, 1, 2, 3, 4].map((place) => {
  // Five equal ellipses around one point, each off its own axis: the only way in which all 31 regions appear.
  const turn = 72 * place - 90;
  const from = ((turn + 18) * Math.PI) / 180;
  return { x: 320 + 44 * Math.cos(from), y: 232 + 44 * Math.sin(from), rx: 170, ry: 96, turn };
});

/** How two to five segments are drawn: every region of theirs is there, however many people it has. */
export const DIAGRAMS: Readonly<Record<2 | 3 | 4 | 5, Diagram>> = {
  2: {
    width: 420,
    height: 320,
    shapes: [circle(155, 160, 115), circle(265, 160, 115)],
    labels: [
      { x: 115, y: 293, anchor: "middle" },
      { x: 305, y: 293, anchor: "middle" },
    ],
  },
  3: {
    width: 420,
    height: 338,
    shapes: [circle(210, 120, 98), circle(152, 212, 98), circle(268, 212, 98)],
    labels: [
      { x: 210, y: 15, anchor: "middle" },
      { x: 122, y: 328, anchor: "middle" },
      { x: 298, y: 328, anchor: "middle" },
    ],
  },
  4: {
    width: 560,
    height: 380,
    shapes: [
      { x: 200, y: 215, rx: 180, ry: 84, turn: 45 },
      { x: 250, y: 185, rx: 180, ry: 84, turn: 45 },
      { x: 310, y: 185, rx: 180, ry: 84, turn: -45 },
      { x: 360, y: 215, rx: 180, ry: 84, turn: -45 },
    ],
    labels: [
      { x: 4, y: 62, anchor: "start" },
      { x: 110, y: 26, anchor: "middle" },
      { x: 450, y: 26, anchor: "middle" },
      { x: 556, y: 62, anchor: "end" },
    ],
  },
  5: {
    width: 640,
    height: 480,
    shapes: FIVE,
    labels: [
      { x: 320, y: 12, anchor: "middle" },
      { x: 534, y: 144, anchor: "start" },
      { x: 462, y: 438, anchor: "start" },
      { x: 178, y: 438, anchor: "end" },
      { x: 106, y: 144, anchor: "end" },
    ],
  },
};

const STEP = 3;
const found = new Map<Diagram, ReadonlyMap<string, Point & { room: number }>>();

/** Where the count of a region stands, and how far it is from there to the next edge: the roomiest place that lies in
 * exactly these shapes. */
export function middleOf(diagram: Diagram, inside: readonly boolean[]): Point & { room: number } {
  let all = found.get(diagram);
  if (!all) {
    all = middles(diagram);
    found.set(diagram, all);
  }
  return all.get(inside.map(Number).join("")) ?? { x: 0, y: 0, room: 0 };
}

function middles({ width, height, shapes }: Diagram): Map<string, Point & { room: number }> {
  const best = new Map<string, Point & { room: number }>();
  for (let x = 0; x <= width; x += STEP) {
    for (let y = 0; y <= height; y += STEP) {
      let key = "";
      let room = Number.POSITIVE_INFINITY;
      for (const shape of shapes) {
        const { within, edge } = against(shape, x, y);
        key += within ? "1" : "0";
        room = Math.min(room, edge);
      }
      if (room > (best.get(key)?.room ?? 0)) best.set(key, { x, y, room });
    }
  }
  return best;
}

/** Whether a point lies in a shape, and about how far its edge is: exactly, for circles. */
export function against({ x, y, rx, ry, turn }: Shape, px: number, py: number): { within: boolean; edge: number } {
  const [dx, dy, angle] = [px - x, py - y, (turn * Math.PI) / 180];
  const along = (dx * Math.cos(angle) + dy * Math.sin(angle)) / rx;
  const across = (dy * Math.cos(angle) - dx * Math.sin(angle)) / ry;
  const scale = Math.hypot(along, across);
  const distance = Math.hypot(dx, dy);
  return { within: scale <= 1, edge: scale === 0 ? Math.min(rx, ry) : Math.abs(distance - distance / scale) };
}

const COLOURS = ["a", "b", "c", "d", "e"].map((each) => `var(--region-${each})`);

/** The colour of the segment at a place of those compared. */
export function colourOf(place: number): string {
  return COLOURS[place] ?? "var(--ink-3)";
}
