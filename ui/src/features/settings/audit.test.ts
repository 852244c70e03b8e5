import { expect, it } from "vitest";
import { ACTIONS, detailsOf, isId, isTime, JOBS } from "./audit";
import de from "./i18n/de";
import en from "./i18n/en";

it("writes details in one line", () => {
  const words = {
    key: (key: string) => key.toUpperCase(),
    value: (key: string, value: string | boolean) =>
      key === "role" || typeof value === "boolean" ? `<${value}>` : value,
  };
  const details = { role: "admin", scopes: ["a", "b"], none: null, empty: [], count: 3, worked: false };
  expect(detailsOf(details, words)).toBe("ROLE: <admin> · SCOPES: a, b · COUNT: 3 · WORKED: <false>");
  expect(detailsOf({}, words)).toBe("");
});

it("has words for every action in both languages", () => {
  for (const words of [en, de]) {
    expect(Object.keys(words.audit.actions).sort()).toEqual(ACTIONS.map((each) => each.replace(".", "_")).sort());
    expect(Object.keys(words.audit.jobs).sort()).toEqual(JOBS.map((each) => each.replace(".", "_")).sort());
  }
});

it("tells a time from other texts", () => {
  expect(isTime("2036-12-31T23:59:59.000Z")).toBe(true);
  for (const text of ["2036-12-31", "crm/2036-12-31T23:59:59Z", ""]) expect(isTime(text)).toBe(false);
});

it("tells an id from a name", () => {
  for (const id of ["job_01m8k2q7x3v5t9w1y4z6b8c0d2", "attribute:12"]) expect(isId(id)).toBe(true);
  for (const name of ["VIP or beta", "my_segment", "4711", "job_short"]) expect(isId(name)).toBe(false);
});
