import { expect, test } from "vitest";
import type { Preview } from "./addresses";
import { choicesOf, pickOf, valuesOf, type Whose } from "./choices";

type Field = Preview["fields"][number];

const field = (name: string, takes: Field["takes"], more: Partial<Field> = {}): Field => ({
  field: name,
  label: name,
  survivor: { value: `${name} of 42`, origin: null },
  merged: { value: `${name} of 57`, origin: null },
  result: null,
  takes,
  choosable: takes !== "same",
  ...more,
});

const preview: Preview = {
  survivor: { number: 42, identities: [], notes: 0 },
  merged: { number: 57, identities: [], notes: 0 },
  fields: [
    field("name", "survivor"),
    field("city", "merged", { survivor: null }),
    field("tags", "both"),
    field("email", "same"),
    field("last_seen", "merged", { choosable: false }),
    field("__proto__", "survivor"),
  ],
};

test.each<[string, [string, Whose][], [string, number][]]>([
  ["nothing without a pick", [], []],
  [
    "nothing where the pick is what would stay anyway",
    [
      ["name", "survivor"],
      ["tags", "both"],
    ],
    [],
  ],
  [
    "the number of the one whose value is to stay",
    [
      ["name", "merged"],
      ["city", "survivor"],
    ],
    [
      ["name", 57],
      ["city", 42],
    ],
  ],
  ["one of the two in place of both", [["tags", "merged"]], [["tags", 57]]],
  [
    "nothing where there is nothing to choose",
    [
      ["email", "merged"],
      ["last_seen", "survivor"],
    ],
    [],
  ],
  ["names of fields as visitors choose them", [["__proto__", "merged"]], [["__proto__", 57]]],
])("sent are the deviations: %s", (_, picks, sent) => {
  expect(Object.entries(choicesOf(preview, new Map(picks)))).toEqual(sent);
});

test("what stays is what the server takes until it is picked otherwise", () => {
  const picks = new Map([["name", "merged" as const]]);
  expect(preview.fields.map((each) => pickOf(each, picks))).toEqual([
    "merged",
    "merged",
    "both",
    null,
    "merged",
    "survivor",
  ]);
});

test("values of one side, without those that are not there", () => {
  expect(valuesOf(preview, "merged").name).toBe("name of 57");
  expect(Object.hasOwn(valuesOf(preview, "survivor"), "city")).toBe(false);
});
