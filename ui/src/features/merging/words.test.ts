import type { TFunction } from "i18next";
import { beforeAll, expect, it } from "vitest";
import { i18n, setLanguage, startI18n } from "@/i18n";
import "./i18n";
import { sharedOf } from "./sides";
import { mergedBy } from "./words";

let t: TFunction<"merging">;

beforeAll(async () => {
  await startI18n();
  await setLanguage("de");
  await i18n.loadNamespaces("merging");
  t = i18n.getFixedT("de", "merging");
});

it.each([
  ["agent", "usr_1", "user:usr_1"],
  ["api", "key_1", "key:key_1"],
  ["tracking", "wk_1", "Tracking"],
  ["system", "", "Coterie"],
  ["new", "", "new"],
])("merged by %s %s", (origin, ref, by) => {
  expect(mergedBy({ origin, ref }, t, (author) => author)).toBe(by);
});

it("two people share what is the same but for the case", () => {
  const none = { name: null, phone: null, country: null, last_seen: null };
  const one = { ...none, number: 1, email: "ann@example.com", country: "Italy" };
  const two = { ...none, number: 2, email: "Ann@Example.com", country: "Spain" };
  expect([...sharedOf([one, two])]).toEqual(["email"]);
});
