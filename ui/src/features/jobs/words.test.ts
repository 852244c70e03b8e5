import { readFileSync } from "node:fs";
import type { TFunction } from "i18next";
import { beforeAll, describe, expect, it } from "vitest";
import { i18n, LANGUAGES, type Language, setLanguage, startI18n } from "@/i18n";
import { formatNumber } from "@/shared";
import "./i18n";
import { amountOf, countsOf, endingOf, failureOf, phaseOf, titleOf } from "./words";

type Said = Record<Language, string>;
interface Case extends Said {
  title?: string;
  code: string;
  details: Record<string, unknown>;
}

// The server says the same in its mails, with the same words.
const CASES: {
  titles: Case[];
  endings: (Case & { state: "done" | "failed" | "cancelled" })[];
  counts: ({ counts: Record<string, number> } & Record<Language, string[]>)[];
} = JSON.parse(readFileSync("../tests/conformance/job_words.json", "utf8"));

const named = ({ title = "", code, details }: Case) => ({ title, title_code: code, title_details: details });

describe.each(Object.keys(LANGUAGES) as Language[])("in %s", (language) => {
  let t: TFunction<"jobs">;
  beforeAll(async () => {
    await startI18n();
    await setLanguage(language);
    await i18n.loadNamespaces("jobs");
    t = i18n.getFixedT(language, "jobs");
  });

  it.each(CASES.titles.map((row) => [row[language], row] as const))("the title %s", (words, row) => {
    expect(titleOf(named(row), t)).toBe(words);
  });

  it.each(CASES.endings.map((row) => [row[language], row] as const))("the end: %s", (words, row) => {
    expect(endingOf({ ...named(row), state: row.state }, t)).toBe(words);
  });

  it("an end from before there were codes is told as it was told then", () => {
    const old = {
      title: "An old one",
      title_code: "",
      title_details: {},
      state: "done",
      text: "An old one was it",
    } as const;
    expect(endingOf(old, t)).toBe(old.text);
    expect(endingOf({ ...old, title_code: "retention" }, t)).not.toBe(old.text);
  });

  it.each(CASES.counts.map((row) => [row[language], row] as const))("the counts %s", (words, { counts }) => {
    const found = countsOf({ result: { counts } }, t);
    expect(found.map(({ label, count }) => `${label}: ${formatNumber(count)}`)).toEqual(words);
  });

  it("a phase without words is told as the server tells it", () => {
    const said = { en: "Going through the rows", de: "Geht durch die Zeilen" }[language];
    expect(phaseOf({ phase: "x", phase_code: "rows" }, t)).toBe(said);
    expect(phaseOf({ phase: "Something new", phase_code: "quite_new" }, t)).toBe("Something new");
    expect(phaseOf({ phase: "Reading rows", phase_code: "" }, t)).toBe("Reading rows");
  });

  it("a unit without words too", () => {
    const progress = { done: 1200, total: null, rate: 0, seconds_left: null };
    const said = { en: "1,200 steps", de: "1.200 Schritte" }[language];
    expect(amountOf({ progress, unit: "steps" }, t)).toBe(said);
    expect(amountOf({ progress: { ...progress, done: 1 }, unit: "pages" }, t)).toBe("1 pages");
  });

  it("why it failed is told like any error", () => {
    const failure = { code: "people_gone", message: "The people are not known.", details: {} };
    const said = "Die Personen dieses Auftrags sind nicht mehr bekannt. Starten Sie ihn neu.";
    expect(failureOf({ error: failure.message, failure })).toBe({ en: failure.message, de: said }[language]);
    expect(failureOf({ error: "An old error.", failure: null })).toBe("An old error.");
  });
});
