import { expect, it } from "vitest";
import { againSoon } from "./data";

it("asks for sizes again while the index is made anew", () => {
  expect(againSoon(undefined)).toBe(false);
  expect(againSoon([{ rebuilding: false }])).toBe(false);
  expect(againSoon([{ rebuilding: false }, { rebuilding: true }])).toBeGreaterThan(0);
});
