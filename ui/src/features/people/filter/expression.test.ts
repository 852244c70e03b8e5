import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type Expression, matching, matchOf, printExpression, readExpression, without } from "./expression";

function mark(text: string, count: number) {
  const read = readExpression(text, count);
  return "mark" in read ? read.mark : null;
}

function same(text: string, count: number): string {
  const read = readExpression(text, count);
  return "mark" in read ? `mark ${read.mark.reason}` : printExpression(read.expression);
}

test("it works", () => {
  expect(same("(1 and 2) or 3", 3)).toBe("(1 and 2) or 3".replace(/[()]/g, ""));
});

test.each([
  ["1 and (2 or 3)", "1 and (2 or 3)"],
  ["1 AND (2 OR 3) or (3 and 1)", "1 and (2 or 3) or 3 and 1"],
  ["not (1 and 2) or 3", "not (1 and 2) or 3"],
  ["not not 1 and 2 and 3", "not not 1 and 2 and 3"],
  ["((1)) and ((2 or 3))", "1 and (2 or 3)"],
  ["1 and (2 and 3)", "1 and (2 and 3)"],
])("%s is read and printed", (text, printed) => {
  expect(same(text, 3)).toBe(printed);
  expect(same(printed, 3)).toBe(printed);
});

test.each([
  ["1 and 4", 3, { start: 6, end: 7, reason: "number", number: 4 }],
  ["1 and 2", 3, { start: 7, end: 7, reason: "unused", number: 3 }],
  ["1 and", 1, { start: 5, end: 5, reason: "operand" }],
  ["1 and or 2", 2, { start: 6, end: 8, reason: "operand" }],
  ["(1 and 2", 2, { start: 0, end: 1, reason: "open" }],
  ["1 2", 2, { start: 2, end: 3, reason: "end" }],
  ["1 xor 2", 2, { start: 2, end: 5, reason: "unknown" }],
  ["1 and 2)", 2, { start: 7, end: 8, reason: "unknown" }],
  ["0", 1, { start: 0, end: 1, reason: "number", number: 0 }],
  ["", 1, { start: 0, end: 0, reason: "operand" }],
])("%s is marked", (text, count, expected) => {
  expect(mark(text, count)).toEqual(expected);
});

test.each([
  ["1 and (2 or 3)", 3, 2, "1 and 2"],
  ["(1 and 2) or 3", 3, 3, "1 and 2"],
  ["1 and (2 or 1)", 2, 1, "1"],
  ["not 2 or 1 and 3", 3, 2, "1 and 2"],
  ["1 and (2 or 3) and 4", 4, 1, "(1 or 2) and 3"],
])("%s of %i without %i", (text, numbers, gone, rest) => {
  const read = readExpression(text, numbers);
  if ("mark" in read) throw new Error(read.mark.reason);
  const left = without(read.expression, gone);
  expect(left && printExpression(left)).toBe(rest);
});

describe("the simple ways", () => {
  test.each([
    ["1 and 2 and 3", 3, "all"],
    ["1 or 2", 2, "any"],
    ["1 or 2 and 3", 3, "custom"],
    ["1", 1, "all"],
    ["", 0, "all"],
    ["nobody", 0, "custom"],
  ] as const)("%s over %i", (text, count, expected) => {
    expect(matchOf(text, count)).toBe(expected);
  });

  test("are written out", () => {
    expect(matching("any", 3)).toBe("1 or 2 or 3");
    expect(matching("all", 0)).toBe("");
  });
});

type Parts = number | [string, ...Parts[]];

function parts(expression: Expression): Parts {
  if (expression.kind === "number") return expression.number;
  return [expression.kind, ...(expression.kind === "not" ? [expression.of] : expression.of).map(parts)];
}

describe("as the server reads it", () => {
  // The table that the server's own reader is tested with.
  const table: { conditions: number; read: [string, Parts][]; refused: string[] } = JSON.parse(
    readFileSync("../tests/conformance/expressions.json", "utf8"),
  );
  test.each(table.read)("%j is %j", (text, expected) => {
    const read = readExpression(text, table.conditions);
    expect("expression" in read && parts(read.expression)).toEqual(expected);
  });

  test.each(table.refused)("%j is refused", (text) => {
    expect(readExpression(text, table.conditions)).toHaveProperty("mark");
  });
});
