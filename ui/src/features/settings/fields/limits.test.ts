import { describe, expect, it } from "vitest";
import { allowedOf, limitsOf, NO_LIMITS } from "./limits";

const ZONE = "Europe/Berlin";
const NOTHING = { choices: null, max_length: null, at_least: null, at_most: null, whole: false };

describe("limits of a field", () => {
  it("says nothing where nothing was entered", () => {
    for (const type of ["text", "number", "boolean", "date", "datetime", "list"] as const) {
      expect(allowedOf(NO_LIMITS, type, ZONE)).toEqual(NOTHING);
    }
  });

  it("sends only what can be said of the type", () => {
    const all = { choices: ["a"], maxLength: "5", atLeast: "1", atMost: "0", whole: true };
    expect(allowedOf(all, "text", ZONE)).toEqual({ ...NOTHING, choices: ["a"], max_length: 5 });
    expect(allowedOf(all, "number", ZONE)).toEqual({ ...NOTHING, at_least: 1, at_most: 0, whole: true });
    expect(allowedOf(all, "list", ZONE)).toEqual({ ...NOTHING, choices: ["a"] });
    expect(allowedOf(all, "boolean", ZONE)).toEqual(NOTHING);
  });

  it("keeps zero, and a bound that is no number for the server to refuse", () => {
    expect(allowedOf({ ...NO_LIMITS, atLeast: "0" }, "number", ZONE).at_least).toBe(0);
    expect(allowedOf({ ...NO_LIMITS, atLeast: "much" }, "number", ZONE).at_least).toBe("much");
    expect(limitsOf({ at_least: 0 }, "number", ZONE).atLeast).toBe("0");
  });

  it("reads and writes times by the workspace's clocks", () => {
    const allowed = { at_most: "2026-01-31T09:00:00.000Z" };
    const shown = limitsOf(allowed, "datetime", ZONE);
    expect(shown.atMost).toBe("2026-01-31T10:00");
    expect(allowedOf(shown, "datetime", ZONE).at_most).toBe("2026-01-31T09:00:00.000Z");
  });
});
