import { readFileSync } from "node:fs";
import type { TFunction } from "i18next";
import { beforeAll, describe, expect, it } from "vitest";
import { i18n, setLanguage, startI18n } from "@/i18n";
import "./i18n";
import { countsOf, titleOf } from "./words";

// The same titles that the server's mails are held to.
const TITLES: { kind: string; title: string; de: string }[] = JSON.parse(
  readFileSync("../tests/conformance/job_titles.json", "utf8"),
);

let t: TFunction<"jobs">;

beforeAll(async () => {
  await startI18n();
  await setLanguage("de");
  await i18n.loadNamespaces("jobs");
  t = i18n.getFixedT("de", "jobs");
});

describe("a job's title", () => {
  it.each(TITLES.map(({ kind, title, de }) => [kind, title, de] as const))("%s: %s", (kind, title, words) => {
    expect(titleOf({ kind, title }, t)).toBe(words);
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
