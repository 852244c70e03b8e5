import { expect, test } from "vitest";
import { complete, type Known, offsetOf, taken, tokensOf } from "./completion";
import type { Field, Operator } from "./conditions";

const row = (key: string, sentence: string, value: string): Operator => ({
  key,
  label: key,
  sentence,
  value,
  units: [],
  minimum: 0,
  semantic: null,
  complement_of: null,
  or_unknown: true,
  example: "",
});
const field = (name: string, label: string, type: Field["type"], operators: string[]): Field => ({
  name,
  label,
  renamed: false,
  type,
  operators,
  group: "",
  kind: "attribute",
  attribute: null,
  description: "",
  position: 0,
  visible: true,
  sortable: true,
  semantic: null,
  writable: true,
  importable: true,
  allowed: null,
});
const TEXT = [
  row("is", "{f} is {v}", "one"),
  row("is_not", "{f} is not {v}", "one"),
  row("is_one_of", "{f} is one of {v}", "many"),
  row("is_known", "{f} is known", "none"),
];
const TIME = [row("in_last", "{f} in the last {n} {unit}", "span"), row("today", "{f} today", "none")];
const known: Known = {
  fields: [
    field("country", "Country", "text", ["is", "is_not", "is_one_of", "is_known"]),
    field("last_seen", "Last seen", "datetime", ["in_last", "today"]),
    field("my field", "My field", "text", ["is"]),
  ],
  operators: {
    fields: { text: TEXT, datetime: TIME },
    segments: [],
    events: [],
    functions: [],
    times: [],
    windows: [],
  },
  segments: ["Churned", 'The "best"'],
  events: ["purchase", "signup"],
};

const at = (text: string) => complete(text, text.length, known);
const labels = (text: string) => at(text).options.map(({ label }) => label);

test("it works", () => {
  expect(labels("cou")).toEqual(["Country"]);
});

test.each([
  ["", ["Country", "Last seen", "My field", "did", "did not do", "in segment", "not in segment", "not"]],
  ["country ", ["is", "is not", "is one of", "is known"]],
  ["country is n", ["is not"]],
  ["country is ", ["is not", "is one of", "is known"]],
  ['country is "x" ', ["and", "or"]],
  ['country is "x" a', ["and"]],
  ["country is known ", ["and", "or"]],
  ['(country is "x" or la', ["Last seen"]],
  ["last_seen t", ["today"]],
  ["did ", ["purchase", "signup"]],
  ['did "pu', ["purchase"]],
  ['country is "a" and in segment "ch', ["Churned"]],
  ["`my field` ", ["is"]],
  ["everyone ", ["and", "or"]],
  // Nothing is proposed behind a name that there is not: the error has the place.
  ["citty ", []],
  ['citty is "x" ', []],
  ['citty is "x" and last', ["Last seen"]],
  ["sum of amount over ", ["purchase", "signup"]],
  ["not cou", ["Country"]],
])("after %j", (text, expected) => {
  expect(labels(text)).toEqual(expected);
});

test("values are asked of the server", () => {
  expect(at('country is "Ge').wanted).toMatchObject({ search: "Ge", from: 11, to: 14 });
  expect(at('country is one of ("a", "b').wanted).toMatchObject({ search: "b" });
  expect(at("last_seen in the last ").wanted).toBeNull();
});

test("an option is written with what it needs", () => {
  const [best] = at('in segment "bes').options;
  expect(best && taken('in segment "bes', best)).toEqual({ text: 'in segment "The \\"best\\"" ', caret: 26 });
  const [mine] = at("my").options;
  expect(mine?.insert).toBe("`my field`");
});

test("the sentence is cut as the server cuts it", () => {
  expect(tokensOf('a >= 5 and `b c` is "d \\" e').map(({ text }) => text)).toEqual([
    "a",
    ">=",
    "5",
    "and",
    "`b c`",
    "is",
    '"d \\" e',
  ]);
});

test("a place is found in several lines", () => {
  expect(offsetOf("ab\ncd", 2, 2)).toBe(4);
  expect(offsetOf("ab", 1, 99)).toBe(2);
});
