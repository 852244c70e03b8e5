import { expect, test } from "vitest";
import { effectiveWhere, isMoved, type Person, patched } from "./usePeople";

const person = (number: number, values: Person["values"] = {}): Person => ({ number, values }) as Person;

test("values follow, rows stay where they are", () => {
  const people = [person(1, { city: "Bonn" }), person(2, { city: "Rome" }), person(3)];
  const now = patched(people, [person(9), person(2, { city: "Oslo" }), person(1, { city: "Bonn" })]);
  expect(now.map(({ number, values }) => [number, values.city])).toEqual([
    [1, "Bonn"],
    [2, "Oslo"],
    [3, undefined],
  ]);
  // A row that is the same is not drawn anew.
  expect(now[0]).toBe(people[0]);
  expect(patched(people, [])).toBe(people);
});

test.each([
  ["the same", [1, 2], 5, false],
  ["another order", [2, 1], 5, true],
  ["someone new", [9, 1], 5, true],
  ["someone less, further down", [1, 2], 4, true],
])("a list with %s at its top", (_, numbers, total, expected) => {
  const listed = { items: [person(1), person(2), person(3)], total: 5 };
  expect(isMoved(listed, { items: numbers.map((number) => person(number)), total })).toBe(expected);
});

test("the search narrows the filter", () => {
  expect(effectiveWhere("a is 1 or b is 2", "")).toBe("a is 1 or b is 2");
  expect(effectiveWhere("a is 1 or b is 2", "x")).toMatch(/^\(a is 1 or b is 2\) and \(name contains "x" or /);
});
