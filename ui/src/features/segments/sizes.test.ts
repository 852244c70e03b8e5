import { describe, expect, it } from "vitest";
import { pointsOf } from "./sizes";

const at = (minute: number) => new Date(minute * 60_000).toISOString();
const ms = (minute: number) => minute * 60_000;

describe("pointsOf", () => {
  it("works", () => {
    const sizes = [
      { at: at(10), size: 5, entered: 3, left: 1 },
      { at: at(20), size: 4, entered: 0, left: 1 },
    ];
    expect(pointsOf(sizes, { now: ms(30), size: 4, since: ms(5) })).toEqual([
      { at: ms(5), value: 3 },
      { at: ms(10), value: 5 },
      { at: ms(20), value: 4 },
      { at: ms(30), value: 4 },
    ]);
  });

  it("begins with the segment without a beginning", () => {
    const sizes = [{ at: at(10), size: 5, entered: 5, left: 0 }];
    expect(pointsOf(sizes, { now: ms(12), size: 5, since: null })).toEqual([
      { at: ms(10), value: 5 },
      { at: ms(12), value: 5 },
    ]);
  });

  it("is a flat line where nothing changed", () => {
    expect(pointsOf([], { now: ms(9), size: 7, since: ms(1) })).toEqual([
      { at: ms(1), value: 7 },
      { at: ms(9), value: 7 },
    ]);
  });
});
