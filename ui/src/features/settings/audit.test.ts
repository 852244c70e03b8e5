import { expect, it } from "vitest";
import { ACTIONS, detailsOf, isId, JOBS } from "./audit";
import de from "./i18n/de";
import en from "./i18n/en";

it("writes details in one line", () => {
  expect(detailsOf({ role: "admin", scopes: ["a", "b"], none: null, empty: [], count: 3 })).toBe(
    "role: admin · scopes: a, b · count: 3",
  );
  expect(detailsOf({})).toBe("");
});

it("has words for every action in both languages", () => {
  for (const words of [en, de]) {
    expect(Object.keys(words.audit.actions).sort()).toEqual(ACTIONS.map((each) => each.replace(".", "_")).sort());
    expect(Object.keys(words.audit.jobs).sort()).toEqual(JOBS.map((each) => each.replace(".", "_")).sort());
  }
});

it("tells an id from a name", () => {
  expect(isId("job_01m8k2q7x3v5t9w1y4z6b8c0d2")).toBe(true);
  for (const name of ["VIP or beta", "my_segment", "4711", "job_short"]) expect(isId(name)).toBe(false);
});
