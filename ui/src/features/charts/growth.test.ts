import { expect, test } from "vitest";
import { isFlat, sinceFirst } from "./Growth";

const points = (...all: [number, number][]) =>
  all.map(([added, total]) => ({ start: "2026-01-01", new: added, total }));

test("growth begins one step before the first person", () => {
  expect(sinceFirst(points([0, 0], [0, 0], [2, 2], [0, 2])).map(({ total }) => total)).toEqual([0, 2, 2]);
  expect(sinceFirst(points([3, 5], [0, 5]))).toHaveLength(2);
  expect(sinceFirst(points([0, 0], [0, 0]))).toHaveLength(2);
});

test("a period is flat when all came before it", () => {
  expect(isFlat({ before: 5, points: points([0, 5], [0, 5]) })).toBe(true);
  expect(isFlat({ before: 5, points: points([0, 5], [1, 6]) })).toBe(false);
  expect(isFlat({ before: 500, points: points([4, 504]) })).toBe(true);
  // Nobody at all: there is nothing further back.
  expect(isFlat({ before: 0, points: points([0, 0]) })).toBe(false);
});
