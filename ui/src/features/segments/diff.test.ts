import { describe, expect, it } from "vitest";
import { wordDiff } from "./diff";

const joined = (before: string, after: string) =>
  wordDiff(before, after)
    .map(({ text, kind }) => ({ same: text, added: `[+${text}]`, removed: `[-${text}]` })[kind])
    .join("");

describe("wordDiff", () => {
  it("works", () => {
    expect(joined('city is "Bonn"', 'city is "Köln"')).toBe('city is [-"Bonn"][+"Köln"]');
  });

  it("leaves the last word alone when something is put behind it", () => {
    expect(joined("did it 1 time", "did it 1 time and more")).toBe("did it 1 time[+ and more]");
  });

  it.each([
    ["", ""],
    ["", "everyone"],
    ["a is true", "a is true"],
    ["a is true", "a is true and b is true"],
    ['name is "New York"', 'name is "New Delhi"'],
    ["(a or b) and c", "a or b"],
  ])("keeps both texts, from %j to %j", (before, after) => {
    const pieces = wordDiff(before, after);
    const side = (left: "added" | "removed") =>
      pieces
        .filter((piece) => piece.kind !== left)
        .map((piece) => piece.text)
        .join("");
    expect(side("added")).toBe(before);
    expect(side("removed")).toBe(after);
  });
});
