import { describe, expect, it } from "vitest";
import { against, DIAGRAMS, largestFirst, middleOf, regionKey, regionWhere } from "./regions";

const ALL = [
  { id: "a", name: "New York" },
  { id: "b", name: 'The "best"' },
];

describe("regionWhere", () => {
  it.each([
    [["a", "b"], 'in segment "New York" and in segment "The \\"best\\""'],
    [["b"], 'not in segment "New York" and in segment "The \\"best\\""'],
  ])("of %j is %s", (inside, where) => {
    expect(regionWhere(ALL, inside)).toBe(where);
  });
});

it("names a region alike in any order", () => {
  expect(regionKey(["b", "a"])).toBe(regionKey(["a", "b"]));
});

it("puts large regions first", () => {
  const regions = [
    { inside: ["a", "b"], count: 3 },
    { inside: ["a"], count: 3 },
    { inside: ["b"], count: 9 },
  ];
  expect(largestFirst(regions).map((region) => region.inside.join(""))).toEqual(["b", "a", "ab"]);
});

describe.each([2, 3, 4, 5] as const)("the diagram of %d segments", (count) => {
  const diagram = DIAGRAMS[count];

  it("has room for the count of every region", () => {
    for (let bits = 1; bits < 2 ** count; bits++) {
      const inside = diagram.shapes.map((_, place) => Boolean(bits & (1 << place)));
      const { x, y, room } = middleOf(diagram, inside);
      expect(diagram.shapes.map((shape) => against(shape, x, y).within)).toEqual(inside);
      expect(room).toBeGreaterThan(8);
    }
  });

  it("lies whole in its picture, with a name for each shape", () => {
    expect(diagram.labels).toHaveLength(count);
    for (let x = 0; x <= diagram.width; x += 5) {
      for (const y of [0, diagram.height]) {
        expect(diagram.shapes.some((shape) => against(shape, x, y).within)).toBe(false);
      }
    }
  });
});
