import { expect, test } from "vitest";
import {
  isComplete,
  measureOf,
  type Operator,
  type Operators,
  type SequenceCondition,
  startOn,
  withMeasure,
} from "./conditions";

const row = (key: string, value = "one"): Operator => ({
  key,
  label: key,
  sentence: "",
  also: [],
  value,
  units: ["days"],
  minimum: 1,
  semantic: null,
  complement_of: null,
  or_unknown: true,
  example: "",
});
const operators: Operators = {
  fields: {
    text: [row("is"), row("is_known", "none")],
    number: [row("greater")],
    datetime: [row("in_last", "span")],
  },
  segments: [row("in")],
  events: [row("did", "none"), row("at_least", "count")],
  functions: [{ key: "sum", label: "sum", sentence: "", example: "" }],
  times: [],
  windows: [],
  forms: [],
  rules: {},
};

function sequence(first: string, second: string, n: number): SequenceCondition {
  // biome-ignore lint/suspicious/noThenProperty: the language's word for the second event
  return { type: "sequence", first, then: second, within: { n, unit: "days" } };
}

test("it works", () => {
  expect(startOn({ kind: "event", name: "purchase" }, operators)).toEqual({
    type: "event",
    event: "purchase",
    op: "did",
  });
});

test.each([
  [{ type: "field", field: "a", op: "is" }, false],
  [{ type: "field", field: "a", op: "is", value: "x" }, true],
  [{ type: "field", field: "a", op: "is_known" }, true],
  [{ type: "field", field: "a", op: "in_last", value: { n: 0, unit: "days" } }, false],
  [{ type: "segment", op: "in", segments: [] }, false],
  [{ type: "event", event: "a", op: "at_least" }, false],
  [{ type: "event", event: "a", op: "at_least", count: 2 }, true],
  [{ type: "event", event: "a", op: "did", where: [{ property: "", op: "is", value: "x" }] }, false],
  [{ type: "event", event: "a", op: "did", window: { kind: "between", from: "2026-01-01", to: "" } }, false],
  [{ type: "aggregate", function: "sum", event: "a", property: "", op: "greater", value: 1 }, false],
  [{ type: "aggregate", function: "sum", event: "a", property: "p", op: "greater", value: 1 }, true],
  [{ type: "bucket", from: 0, to: 10 }, true],
  [{ type: "bucket", from: 10, to: 10 }, false],
  [{ type: "bucket", from: 90, to: 101 }, false],
  [sequence("a", "", 7), false],
  [sequence("a", "a", 0), false],
  [sequence("a", "b", 7), true],
] as const)("%o can be asked about: %s", (condition, expected) => {
  expect(isComplete(condition, operators)).toBe(expected);
});

test("another measure keeps what fits", () => {
  const where = [{ property: "currency", op: "is", value: "EUR" }];
  const window = { kind: "last", n: 30, unit: "days" } as const;
  const times = { type: "event", event: "purchase", op: "at_least", count: 3, where, window } as const;
  const sum = withMeasure(times, "sum", operators, "amount");
  expect(sum).toEqual({
    type: "aggregate",
    function: "sum",
    property: "amount",
    event: "purchase",
    op: "greater",
    where,
    window,
  });
  expect(measureOf(sum)).toBe("sum");
  const last = withMeasure(sum, "last", operators, "");
  expect(last).toMatchObject({ type: "event_time", which: "last", event: "purchase", where });
  expect(last).not.toHaveProperty("window");
  expect(withMeasure(last, "times", operators, "")).toMatchObject({ type: "event", op: "did", where });
});
