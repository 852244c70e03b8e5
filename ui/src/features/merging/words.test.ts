import type { TFunction } from "i18next";
import { beforeAll, expect, it } from "vitest";
import { i18n, setLanguage, startI18n } from "@/i18n";
import "./i18n";
import { sharedOf } from "./sides";
import { mergedBy, reasonOf, whyNotOf } from "./words";

let t: TFunction<"merging">;

beforeAll(async () => {
  await startI18n();
  await setLanguage("de");
  await i18n.loadNamespaces("merging");
  t = i18n.getFixedT("de", "merging");
});

it.each([
  ["same email", "Gleiche E-Mail"],
  ["same phone; same email", "Gleiches Telefon · Gleiche E-Mail"],
  ["same user id", "Gleiche Benutzer-ID"],
  ["same WhatsApp", "Gleiche Kennung (WhatsApp)"],
  ["the same name and the same country", "Gleicher Name im selben Land"],
  ["a similar name and the same country; same phone", "Ähnlicher Name im selben Land · Gleiches Telefon"],
  ["their merge was undone", "Ihre Zusammenführung wurde zurückgenommen"],
  ["a new reason", "a new reason"],
])("the reason %s", (reason, words) => {
  expect(reasonOf(reason, t)).toBe(words);
});

it.each([
  ["Person 57 is not merged into person 42 any more.", "Person 57 ist nicht mehr mit Person 42 zusammengeführt."],
  [
    "Person 42 was merged into person 7 since: undo that first.",
    "Person 42 wurde seither mit Person 7 zusammengeführt. Nehmen Sie zuerst das zurück.",
  ],
  ["Person 42 was deleted.", "Person 42 wurde gelöscht."],
  ["The journal does not hold enough of it.", "Das Protokoll enthält nicht genug von dieser Zusammenführung."],
  ["Something else.", "Something else."],
])("why not: %s", (why, words) => {
  expect(whyNotOf(why, t)).toBe(words);
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
