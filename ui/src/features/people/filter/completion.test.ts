import { expect, test } from "vitest";
import { complete, type Option, offsetOf, taken } from "./completion";
import type { Field, Operators } from "./conditions";
import { type Known, readings, tokensOf } from "./grammar";
import document from "./operators.fixture.json";

const operators: Operators = document;

/** A field that offers all the rows of its type. */
function field(name: string, label: string, type: Field["type"], semantic: Field["semantic"] = null): Field {
  const rows = (operators.fields[type] ?? []).filter((row) => row.semantic === null || row.semantic === semantic);
  return {
    name,
    label,
    renamed: false,
    type,
    operators: rows.map(({ key }) => key),
    group: "",
    kind: "attribute",
    attribute: null,
    description: "",
    position: 0,
    visible: true,
    sortable: true,
    semantic,
    writable: true,
    importable: true,
    allowed: null,
  };
}

// tests/filters/test_completion.py knows the same.
const known: Known = {
  fields: [
    field("country", "Country", "text"),
    field("email", "Email", "text", "email"),
    field("phone", "Phone", "text", "phone"),
    field("orders", "Orders", "number"),
    field("banned", "Banned", "boolean"),
    field("last_seen", "Last seen", "datetime"),
    field("birthday", "Birthday", "date"),
    field("tags", "Tags", "list"),
    field("my field", "My field", "text"),
    field("count", "Count", "number"),
  ],
  operators,
  segments: ["Churned", 'The "best"'],
  events: ["purchase", "signup"],
  properties: ["amount", "title of it", "first"],
  today: "2026-03-01",
};

const at = (text: string) => complete(text, text.length, known);
const labels = (text: string) => at(text).options.map(({ label }) => label);
const COUNTS = ["at least", "fewer than", "more than", "at most", "exactly"];
const WINDOWS = ["in the last", "before", "after", "between"];
const DAYS = ["2026-03-01", "2026-02-28", "2026-02-22", "2026-01-30", "2025-12-01", "2025-03-01"];

test("it works", () => {
  expect(labels("cou")).toEqual(["Country", "Count", "count of"]);
});

test.each([
  // Where a condition begins.
  ["", ["Country", "Email", "Phone"]],
  ["not cou", ["Country", "Count", "count of"]],
  ["di", ["did", "did not do", "distinct"]],
  ["in", ["in segment", "in any segment of (", "in all segments of ("]],
  ["fir", ["first", "first of last"]],
  ["am", ["amount of last"]],
  ["su", ["sum of"]],
  ["count of ", ["Tags"]],
  ["ran", ["random bucket"]],
  // Fields.
  ["country ", ["is", "is not", "is one of (", "is none of (", "contains"]],
  ["country is n", ["is not", "is none of ("]],
  ['country is "x" ', ["and", "or", "(or unknown)"]],
  ['country is not "x" ', ["and", "or"]],
  ['country is "x" (', ["(or unknown)"]],
  ['country is one of ("x" ', [",", ")"]],
  ["country is known ", ["and", "or"]],
  ["last_seen t", ["today", "this week", "this month", "this year"]],
  ["last_seen in the last ", ["1", "7", "14", "30", "90", "365"]],
  ["last_seen in the last 1 d", ["day"]],
  ["last_seen in the last 7 d", ["days"]],
  ["birthday in the last 7 ", ["days", "weeks", "months", "years"]],
  ["last_seen before ", DAYS],
  ["last_seen between ", [...DAYS].reverse().slice(0, -1)],
  ["last_seen between 2026-01-30 and ", DAYS.slice(0, 3)],
  ["orders between 1 ", ["and"]],
  ["orders > ", []],
  ["tags has a", ["has any of (", "has all of ("]],
  ["count of tags >= ", ["1", "2", "3", "5", "10", "20"]],
  ["`my field` ", ["is", "is not", "is one of (", "is none of (", "contains"]],
  // Events.
  ["did ", ["purchase", "signup"]],
  ['did "pu', ["purchase"]],
  ['did "purchase" ', [...COUNTS, "then", ...WINDOWS, "where", "and", "or"]],
  ['did "purchase" at', ["at least", "at most"]],
  ['did "purchase" at least ', ["1", "2", "3", "5", "10", "20"]],
  ['did "purchase" at least 3 ', ["times"]],
  ['did "purchase" at least 1 ', ["time"]],
  ['did "purchase" at least 3 times ', [...WINDOWS, "where", "and", "or"]],
  ['did not do "purchase" ex', ["exactly"]],
  ['did "purchase" in the last 7 ', ["minutes", "hours", "days", "weeks", "months", "years"]],
  ['did "purchase" in the last 7 days ', ["where", "and", "or"]],
  ['did "purchase" where ', ["amount", "title of it", "first"]],
  ['did "purchase" where amount >', []],
  ['did "purchase" where amount > 5 ', ["and", "or"]],
  // A name here is a property's; what begins otherwise is about the person again.
  ['did "purchase" where amount > 5 and al', ["all ("]],
  ['did "purchase" where amount > 5 and cou', ["count of"]],
  ['did "purchase" where amount > 5 or cou', ["Country", "Count", "count of"]],
  ['(did "purchase" where amount > 5) and cou', ["Country", "Count", "count of"]],
  ['did "signup" then ', ["purchase", "signup"]],
  ['did "signup" then "purchase" ', ["within"]],
  ["sum of ", ["amount", "title of it", "first"]],
  ["sum of amount over ", ["purchase", "signup"]],
  ['sum of amount over "purchase" b', ["before", "between"]],
  ['sum of amount over "purchase" where amount > 5 ', ["and", "is one of (", "is none of (", "=", "!="]],
  ['last "purchase" more than 7 days ', ["ago", "ahead"]],
  ['amount of last "purchase" is k', ["is known"]],
  // Segments, shares, brackets.
  ['country is "a" and in segment "ch', ["Churned"]],
  ["in any segment of (", ["Churned", 'The "best"']],
  ["not in seg", ["not in segment", "in segment"]],
  ["random bucket 50 to ", ["75", "100"]],
  ["(banned is true ", ["and", "or", ")"]],
  ["(banned is true) ", ["and", "or"]],
  ["everyone ", ["and", "or"]],
  // Nothing is proposed behind a name that there is not: the error has the place.
  ["citty ", []],
  ['citty is "x" ', []],
  ['citty is "x" and last', ["Last seen"]],
])("after %j", (text, expected) => {
  const found = labels(text);
  expect(expected.length ? found.slice(0, expected.length) : found).toEqual(expected);
});

test("values are asked of the server", () => {
  expect(at('country is "Ge').wanted).toMatchObject({ field: { name: "country" }, search: "Ge", from: 11, to: 14 });
  expect(at('country is one of ("a", "b').wanted).toMatchObject({ search: "b" });
  const of = { event: "purchase", property: "amount" };
  expect(at('did "purchase" where amount is "b').wanted).toMatchObject({ of, isNumber: false, search: "b" });
  expect(at('did "purchase" where amount > ').wanted).toMatchObject({ of, isNumber: true, search: "" });
  expect(at('amount of last "purchase" is one of (').wanted).toMatchObject({ of });
});

test.each([
  "last_seen in the last ",
  // A number that is being typed is meant as it is; a sum, a pattern and a domain are no value that there is.
  'did "purchase" where amount > 5',
  'sum of amount over "purchase" > ',
  "email matches ",
  "email domain is ",
  "in segment ",
])("no values are asked for after %j", (text) => {
  expect(at(text).wanted).toBeNull();
});

test("an option is written with what it needs", () => {
  const take = (text: string, which = 0) => {
    const option = at(text).options[which];
    return option && taken(text, option);
  };
  expect(take('in segment "bes')).toEqual({ text: 'in segment "The \\"best\\"" ', caret: 26 });
  expect(take("my")?.text).toBe("`my field` ");
  // A name with which a condition could begin.
  expect(take("count", 1)?.text).toBe("`count` ");
  expect(take("country is o")).toEqual({ text: "country is one of (", caret: 19 });
  expect(take('country is one of ("a" ')?.text).toBe('country is one of ("a", ');
  expect(take('country is one of ("a" ', 1)?.text).toBe('country is one of ("a") ');
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

/** Numbers from 0 up to 1 by chance, the same ones each time (mulberry32). */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const TYPED = ['"DE"', "5", "2026-01-31"];
const GOES_ON = /^(and|or|not|,|.*\()$/;

function typedAfter(text: string): string {
  const value = TYPED.find((each) => readings(tokensOf(text + each), known).length > 0);
  if (!value) throw new Error(`nothing leads on from ${text}`);
  return value;
}

/** A sentence of proposals taken by chance, rather those that were seldom taken; where there is none, one types. */
function walk(random: () => number, often: Map<string, number>): string {
  let text = "";
  for (let taking = 0; taking < 200; taking++) {
    const isEnd = readings(tokensOf(text), known).some(({ rest }) => rest === null);
    if (isEnd && random() < (taking > 12 ? 0.8 : 0.3)) return text.trim();
    // Properties come first in a condition when one has been begun.
    if (random() < 0.1 && labels(`${text}am`).includes("amount of last")) text += "am";
    const { options, wanted } = at(text);
    const calm = taking > 12 ? options.filter(({ label }) => !GOES_ON.test(label)) : options;
    const choice = calm.length ? calm : options;
    // In lists of another length, it is another proposal.
    const key = ({ label }: Option) => `${options.length} ${label}`;
    const timesTaken = (option: Option) => often.get(key(option)) ?? 0;
    const [seldom] = [...choice].sort((one, two) => timesTaken(one) - timesTaken(two));
    const option = random() < 0.5 ? seldom : choice[Math.floor(random() * choice.length)];
    if (option) often.set(key(option), timesTaken(option) + 1);
    if (wanted && !option) text += wanted.isNumber ? "12.5 " : '"São \\"Paulo\\"" ';
    else if (option) text = taken(text, option).text;
    else text += `${typedAfter(text)} `;
  }
  throw new Error(`no end: ${text}`);
}

test("whatever is taken, the server reads it: see tests/filters/test_completion.py", async () => {
  const [random, often] = [chance(1), new Map<string, number>()];
  const sentences = Array.from({ length: 600 }, () => walk(random, often));
  await expect(`${JSON.stringify(sentences, null, 1)}\n`).toMatchFileSnapshot("./sentences.fixture.json");
}, 30_000);
