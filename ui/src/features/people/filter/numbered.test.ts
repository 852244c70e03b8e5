import { expect, test } from "vitest";
import { type Condition, canonical, type Numbered } from "./conditions";
import { added, EVERYONE, grouped, inOrder, removed, replaced } from "./numbered";

const on = (field: string): Condition => ({ type: "field", field, op: "is_known" });
const filter = (fields: string, expression: string): Numbered => ({
  conditions: [...fields].map(on),
  expression,
});

test("it works", () => {
  const one = added(EVERYONE, on("a"));
  expect(added(one, on("b"))).toEqual(filter("ab", "1 and 2"));
});

test.each([
  ["ab", "1 or 2", "1 or 2 or 3"],
  ["ab", "1 and 2", "1 and 2 and 3"],
  ["abc", "1 and 2 or 3", "(1 and 2 or 3) and 4"],
  ["abc", "1 and (2 or 3)", "1 and (2 or 3) and 4"],
])("%s with %s and one more", (fields, expression, expected) => {
  expect(added(filter(fields, expression), on("z")).expression).toBe(expected);
});

test.each([
  ["abc", "1 and 2 and 3", 0, "1 and 2"],
  ["abc", "1 and (2 or 3)", 1, "1 and 2"],
  ["abc", "1 or (2 and 3)", 0, "1 and 2"],
  ["a", "1", 0, ""],
])("%s with %s without the one at %i", (fields, expression, at, expected) => {
  expect(removed(filter(fields, expression), at).expression).toBe(expected);
});

test("a replaced condition keeps its number", () => {
  expect(replaced(filter("abc", "1 and (2 or 3)"), 1, on("z"))).toEqual(filter("azc", "1 and (2 or 3)"));
});

test("a condition dragged onto another is grouped with it", () => {
  expect(grouped(filter("abc", "1 and 2 and 3"), 2, 1).expression).toBe("1 and (2 or 3)");
  expect(grouped(filter("ab", "1 and 2"), 0, 1).expression).toBe("1 or 2");
});

test("what says nothing makes no difference", () => {
  const short: Condition = { type: "event", event: "purchase", op: "did" };
  expect(canonical({ ...short, window: null, where: [], count: null })).toBe(canonical(short));
  expect(canonical({ type: "field", op: "is", field: "a", or_unknown: false, value: 1 })).toBe(
    canonical({ type: "field", field: "a", op: "is", value: 1 }),
  );
});

test("counts come in the order of the bar", () => {
  const [a, b] = [on("a"), on("b")];
  expect(inOrder(filter("ab", "2 and 1"), [b, a], ["of b", "of a"])).toEqual(["of a", "of b"]);
  expect(inOrder({ conditions: [a, a], expression: "1 or 2" }, [a], ["of a"])).toEqual(["of a", "of a"]);
  // The server wrote the value in another way.
  expect(inOrder(filter("ab", "2 and 1"), [on("B"), on("A")], ["of b", "of a"])).toEqual(["of a", "of b"]);
});
