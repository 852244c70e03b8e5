import { describe, expect, it } from "vitest";
import type { FileColumn, Import } from "./addresses";
import { draftOf, fitOf, keysOf, planOf, troubleOf, withConsent } from "./draft";

function column(place: number, header: string, more: Partial<FileColumn> = {}): FileColumn {
  const types = { text: 1, number: 0, email: 0.5 };
  const rest = { samples: [], filled: 4, distinct: 4, date_order: "ymd", decimal: ".", suggestion: null } as const;
  return { ...rest, samples: [], place, header, types, ...more };
}

const EMAIL = { field: "email", type: "text", exists: true, why: "the name" } as const;
const PLAN = { field: "plan", type: "text", exists: false, why: "a new attribute" } as const;
const NUMBER = { field: "number", type: "number", exists: true, why: "the name" } as const;
const FIELDS = [
  { name: "email", type: "text", importable: true },
  { name: "city", type: "text", importable: true },
] as const;

const SOURCE = {
  format: "text",
  sheets: [],
  sheet: "",
  encoding: "utf-8",
  delimiter: ",",
  header_row: 1,
  key: "email",
  plan: null,
  columns: [
    column(1, "E-Mail", { suggestion: EMAIL }),
    column(2, "Plan", { suggestion: PLAN }),
    column(3, "number", { suggestion: NUMBER }),
    column(4, "Notes"),
  ],
} as unknown as Import;

describe("a draft of a plan", () => {
  it("begins with what is suggested, and leaves out what can only be a key", () => {
    const plan = planOf(draftOf(SOURCE), SOURCE);
    expect(plan.columns.map(({ column: place, field, type, label }) => [place, field, type, label])).toEqual([
      [1, "email", null, ""],
      [2, "plan", "text", "Plan"],
    ]);
    expect([plan.key, plan.existing, plan.delimiter, plan.header_row]).toEqual(["email", "update", ",", 1]);
  });

  it("comes back from the plan that the server has", () => {
    const draft = draftOf(SOURCE);
    const changed = { ...draft, rules: { ...draft.rules, tags: ["vip"], existing: "fill" as const } };
    const plan = planOf(changed, SOURCE);
    expect(planOf(draftOf({ ...SOURCE, plan }), SOURCE)).toEqual(plan);
  });

  it("begins anew when the file is read in another way", () => {
    const plan = { ...planOf(draftOf(SOURCE), SOURCE), header_row: 3, tags: ["vip"] };
    expect(draftOf({ ...SOURCE, plan }).rules.tags).toEqual([]);
  });

  it("knows what may tell who is who", () => {
    const draft = draftOf(SOURCE);
    expect(keysOf(draft, SOURCE)).toEqual(["email"]);
    // A menu of them must not fall over while two columns go to the same field.
    const one = draft.columns[1];
    if (!one) throw new Error("there is no first column");
    expect(keysOf({ ...draft, columns: { ...draft.columns, 2: one } }, SOURCE)).toEqual(["email"]);
  });

  it.each([
    ["the same field twice", { to: "field", field: "email" }, "twice"],
    ["no name", { to: "new", field: " " }, "unnamed"],
    ["a name that is taken", { to: "new", field: "city" }, "taken"],
    ["a name of the server's own", { to: "new", field: "telegram" }, "taken"],
    ["the number beside another key", { to: "field", field: "number" }, "onlyKey"],
    ["cells that do not fit", { to: "new", field: "age", type: "number" }, "unfit"],
    ["nothing", { to: "field", field: "city" }, null],
  ])("finds %s", (_, choice, trouble) => {
    const draft = draftOf(SOURCE);
    const four = draft.columns[4];
    if (!four) throw new Error("there is no fourth column");
    const changed = { ...draft, columns: { ...draft.columns, 4: { ...four, ...choice } as typeof four } };
    expect(troubleOf(4, changed, SOURCE, FIELDS)).toBe(trouble);
  });

  it("measures an email column by what emails look like", () => {
    const [first] = SOURCE.columns;
    const choice = draftOf(SOURCE).columns[1];
    if (!first || !choice) throw new Error("there is no first column");
    expect(fitOf(first, choice, FIELDS)).toBe(0.5);
  });

  it("asks for consent once a channel", () => {
    const many = Array.from({ length: 9 }).reduce<ReturnType<typeof withConsent>>((all) => withConsent(all), []);
    expect(new Set(many.map(({ channel }) => channel)).size).toBe(many.length);
    expect(many).toHaveLength(7);
  });
});
