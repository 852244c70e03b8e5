import type { TFunction } from "i18next";
import { beforeAll, describe, expect, it } from "vitest";
import { i18n, setLanguage, startI18n } from "@/i18n";
import "./i18n";
import { countsOf, titleOf } from "./words";

let t: TFunction<"jobs">;

beforeAll(async () => {
  await startI18n();
  await setLanguage("de");
  await i18n.loadNamespaces("jobs");
  t = i18n.getFixedT("de", "jobs");
});

describe("a job's title", () => {
  it.each([
    ["export", "Export of 23,570 people as CSV", "Export von 23.570 Personen als CSV"],
    ["bulk.change", "Change of 12,000 people", "Änderung von 12.000 Personen"],
    ["bulk.members", "12,000 people into VIP", "12.000 Personen in VIP"],
    ["bulk.members", "12,000 people out of people into x", "12.000 Personen aus people into x"],
    ["bulk.delete", "Deletion of 12,000 people", "Löschung von 12.000 Personen"],
    ["fields.check_type", "Check of orders as number", "Prüfung eines anderen Typs für orders"],
    ["fields.change_type", "Change of plan to b to text", "Änderung des Typs von plan to b"],
    ["fields.reapply", "Another try of orders", "Neuer Versuch mit Werten für orders"],
    ["privacy.copy", "Copy for person 42", "Auskunft für Person 42"],
    ["privacy.erase", "Erasure of 2 numbers", "Löschung von 2 Personen"],
    ["bulk.undo", "Undo: Change of 12,000 people", "Rücknahme von Änderung von 12.000 Personen"],
  ])("%s: %s", (kind, title, words) => {
    expect(titleOf({ kind, title }, t)).toBe(words);
  });

  it("is the server's where there are no words for it", () => {
    expect(titleOf({ kind: "new.kind", title: "Something new" }, t)).toBe("Something new");
    expect(titleOf({ kind: "bulk.undo", title: "Undo: something else" }, t)).toBe("Rücknahme von something else");
  });
});

it("counts are in a fixed order, with those that have no words last", () => {
  const result = { counts: { odd_thing: 2, failed: 1, changed: 5 } };
  expect(countsOf({ result }, t).map(({ label, count }) => [label, count])).toEqual([
    ["geändert", 5],
    ["fehlgeschlagen", 1],
    ["odd thing", 2],
  ]);
});
