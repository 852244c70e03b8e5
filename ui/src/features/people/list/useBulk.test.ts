import { beforeAll, expect, test } from "vitest";
import { startI18n } from "@/i18n";
import { reasonsOf, together } from "./useBulk";

beforeAll(startI18n);

const failure = (number: number, reason: string) => ({ number, reason, code: "", details: {} });

test("people put into several segments are counted once, and all is taken back", () => {
  const one = { changed: 3, unchanged: 1, failed: 0, failures: [], undo: ["a"], jobs: [] };
  const two = { changed: 0, unchanged: 2, failed: 2, failures: [failure(4, "gone")], undo: [], jobs: [] };
  expect(together([one, two, { ...one, changed: 1, undo: ["b"] }])).toEqual({
    changed: 3,
    unchanged: 1,
    failed: 2,
    failures: [failure(4, "gone")],
    undo: ["a", "b"],
    jobs: [],
  });
});

test("every reason is told, the commonest first", () => {
  const failures = [3, 1, 2, 4].map((number) => failure(number, number > 1 ? "city: too long" : "gone"));
  expect(reasonsOf(failures)).toEqual([
    { reason: "city: too long", count: 3 },
    { reason: "gone", count: 1 },
  ]);
  expect(reasonsOf([])).toEqual([]);
  expect(reasonsOf(["a", "b", "c", "d", "e", "f"].map((reason, number) => failure(number, reason)))).toHaveLength(5);
});
