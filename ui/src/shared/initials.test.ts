import { expect, test } from "vitest";
import { hueOf, initialsOf } from "./initials";

test("makes initials of names in any script", () => {
  const rows = { "Ann Example": "AE", "anna maria sol": "AS", Ann: "A", "a@b.c": "A", "李 明": "李明", "": "" };
  for (const [name, initials] of Object.entries(rows)) expect(initialsOf(name)).toBe(initials);
});

test("a name has its color for good, and names are spread over colors", () => {
  const names = Array.from({ length: 200 }, (_, at) => `Person ${at}`);
  expect(names.map(hueOf)).toEqual(names.map(hueOf));
  expect(new Set(names.map(hueOf)).size).toBeGreaterThan(8);
});
