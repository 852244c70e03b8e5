import { expect, test } from "vitest";
import { isSpan, valueFor, withOperator } from "./conditions";
import { asNumbers, pastedValues } from "./paste";
import { resolved } from "./windows";

const row = (value: string, units: string[] = [], minimum = 0) => ({
  key: "op",
  label: "",
  sentence: "",
  also: [],
  value,
  units,
  minimum,
  semantic: null,
  complement_of: null,
  or_unknown: false,
  example: "",
});

test("it works", () => {
  expect(pastedValues("a, b,a")).toEqual(["a", "b"]);
});

test.each([
  ["a\nb, c\n\n", ["a", "b, c"]],
  ["a;b,c;", ["a", "b,c"]],
  ['"x y"\t"z"', ["x y", "z"]],
  ["  ", []],
])("a pasted %j", (text, values) => {
  expect(pastedValues(text)).toEqual(values);
});

test("only what reads exactly is a number", () => {
  expect(asNumbers(["1", "2.5", " -3", "+4", "x", ""])).toEqual({ numbers: [1, 2.5, -3, 4], others: ["x", ""] });
  const others = ["0x10", "1e5", "Infinity", "1_000", "1 000", "."];
  expect(asNumbers(others)).toEqual({ numbers: [], others });
});

test("a value is kept where the next operator can hold it", () => {
  expect(valueFor(row("many"), "a")).toEqual(["a"]);
  expect(valueFor(row("one"), ["a", "b"])).toBe("a");
  expect(valueFor(row("range"), 5)).toBeUndefined();
  expect(isSpan(valueFor(row("span", ["days"]), { n: 3, unit: "hours" }))).toBe(true);
  expect(valueFor(row("count", [], 1), undefined)).toBe(1);
  const widened = { type: "field", field: "a", op: "is", value: "x", or_unknown: true } as const;
  expect(withOperator(widened, row("none"))).toEqual({ type: "field", field: "a", op: "op" });
});

const BERLIN = "Europe/Berlin";
const iso = (at: number | null | undefined) => (typeof at === "number" ? new Date(at).toISOString() : at);

test.each([
  // Summer time begins on 29 March 2026: that day has 23 hours.
  ["today", undefined, "2026-03-29T10:00:00Z", "2026-03-28T23:00:00.000Z", "2026-03-29T22:00:00.000Z"],
  ["yesterday", undefined, "2026-03-29T22:30:00Z", "2026-03-28T23:00:00.000Z", "2026-03-29T22:00:00.000Z"],
  ["this_week", undefined, "2026-01-04T12:00:00Z", "2025-12-28T23:00:00.000Z", "2026-01-04T23:00:00.000Z"],
  ["this_month", undefined, "2026-12-31T12:00:00Z", "2026-11-30T23:00:00.000Z", "2026-12-31T23:00:00.000Z"],
  ["in_last", { n: 2, unit: "days" }, "2026-03-30T10:00:00Z", "2026-03-28T10:00:00.000Z", "2026-03-30T10:00:00.000Z"],
  ["in_last", { n: 1, unit: "months" }, "2026-03-31T10:00:00Z", "2026-02-28T11:00:00.000Z", "2026-03-31T10:00:00.000Z"],
  ["not_more_than_ago", { n: 1, unit: "hours" }, "2026-01-01T10:00:00Z", null, "2026-01-01T09:00:00.000Z"],
  [
    "exactly_ago",
    { n: 1, unit: "days" },
    "2026-01-01T10:00:00Z",
    "2025-12-30T23:00:00.000Z",
    "2025-12-31T23:00:00.000Z",
  ],
])("%s %o at %s", (op, value, now, from, to) => {
  const found = resolved(op, value, Date.parse(now), BERLIN);
  expect([iso(found?.from), iso(found?.to)]).toEqual([from, to]);
});

test("fixed dates are not resolved", () => {
  expect(resolved("before", "2026-01-01", 0, BERLIN)).toBeNull();
});
