import { describe, expect, it } from "vitest";
import { hasNone, hasValue, narrowed } from "./where";

describe("where", () => {
  it("works", () => {
    expect(narrowed("plan is known or banned is true", hasValue("city", "text", "Bonn") ?? "")).toBe(
      '(plan is known or banned is true) and `city` is "Bonn"',
    );
  });

  it.each([
    ["text", 'a "b"', '`f` is "a \\"b\\""'],
    ["list", "vip", '`f` has any of ("vip")'],
    ["boolean", false, "`f` is false"],
    ["number", 2.5, "`f` = 2.5"],
    ["number", 1e30, null],
    ["date", "2026-01-31", "`f` on 2026-01-31"],
    ["datetime", "2026-01-31T09:00:00.000Z", null],
  ] as const)("says that a %s is %j", (type, value, said) => {
    expect(hasValue("f", type, value)).toBe(said);
  });

  it("leaves the condition alone without a filter", () => {
    expect(narrowed(undefined, hasNone("city"))).toBe("`city` is unknown");
  });
});
