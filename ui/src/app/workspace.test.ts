import { beforeAll, expect, test } from "vitest";
import type { Schemas } from "@/api";
import { i18n, setLanguage, startI18n } from "@/i18n";
import { inWords } from "./workspace";

beforeAll(startI18n);

const field = (given: Partial<Schemas["FieldOut"]>): Schemas["FieldOut"] => ({
  name: "city",
  label: "City",
  renamed: false,
  type: "text",
  group: "Place",
  kind: "builtin",
  attribute: null,
  description: "City.",
  position: 0,
  visible: true,
  sortable: true,
  semantic: null,
  writable: true,
  importable: true,
  allowed: null,
  operators: [],
  ...given,
});

test.each([
  [{}, { label: "Stadt", description: "Stadt.", group: "Ort" }],
  [
    { label: "Town", renamed: true },
    { label: "Town", group: "Ort" },
  ],
  [
    { name: "shoe_size", label: "Shoe size", group: "Body" },
    { label: "Shoe size", group: "Body" },
  ],
  [
    { name: "city2", label: "City", kind: "attribute", group: "Custom" },
    { label: "City", group: "Eigene" },
  ],
] as const)("%j in German", async (given, expected) => {
  await setLanguage("de");
  expect(inWords(field(given), i18n.t)).toMatchObject(expected);
});

test("in English they are the server's", async () => {
  await setLanguage("en");
  expect(inWords(field({}), i18n.t)).toEqual(field({}));
});
