import { describe, expect, it } from "vitest";
import { draftOf, type FieldType, headFields, headOf, instantOf, linkOf, rawOf, wallTime } from "./values";

const BERLIN = "Europe/Berlin";

it("takes a draft back to the value it came from", () => {
  const rows: [FieldType, unknown][] = [
    ["text", "Ann"],
    ["number", 3.5],
    ["boolean", false],
    ["date", "1990-12-31"],
    ["datetime", "2026-07-01T08:30:00.000Z"],
    ["list", ["a", "b"]],
    ["text", null],
  ];
  for (const [type, value] of rows) expect(rawOf(draftOf(value, type, BERLIN), type, BERLIN)).toEqual(value);
});

it("sends what does not fit as it is, so that the server can say why", () => {
  expect(rawOf("three", "number", BERLIN)).toBe("three");
  expect(rawOf("maybe", "boolean", BERLIN)).toBe("maybe");
  expect(rawOf("soon", "datetime", BERLIN)).toBe("soon");
  expect(rawOf("  ", "text", BERLIN)).toBeNull();
});

describe("times in a zone", () => {
  it.each([
    ["2026-01-31T09:00:00.000Z", BERLIN, "2026-01-31T10:00"],
    ["2026-07-31T09:00:00.000Z", BERLIN, "2026-07-31T11:00"],
    ["2026-03-29T01:30:00.000Z", BERLIN, "2026-03-29T03:30"],
    ["2026-03-29T00:59:00.000Z", BERLIN, "2026-03-29T01:59"],
    ["2026-01-01T02:00:00.000Z", "America/Los_Angeles", "2025-12-31T18:00"],
    ["2026-01-01T00:00:00.000Z", "Asia/Kathmandu", "2026-01-01T05:45"],
  ])("%s in %s is %s, and back", (instant, zone, wall) => {
    expect(wallTime(instant, zone)).toBe(wall);
    expect(instantOf(wall, zone)).toBe(instant);
  });

  it("knows what is no time", () => {
    expect(instantOf("2026-13-01T00:00", BERLIN)).toBeNull();
    expect(instantOf("tomorrow", BERLIN)).toBeNull();
    expect(wallTime("", BERLIN)).toBe("");
  });
});

it("follows only links to the web", () => {
  expect(linkOf("https://example.com/a?b")).toBe("https://example.com/a?b");
  for (const text of ["javascript:alert(1)", "data:text/html,x", "//example.com", "example.com", "https://"]) {
    expect(linkOf(text)).toBeNull();
  }
});

it("names a person by what there is", () => {
  expect(headOf({ name: "Ann", email: "a@b.c" }, "Person 1")).toEqual({ name: "Ann", address: "a@b.c" });
  expect(headOf({ email: "a@b.c", phone: "+49" }, "Person 1")).toEqual({ name: "a@b.c", address: "+49" });
  expect(headOf({ name: "Ann", user_id: "7" }, "Person 1")).toEqual({ name: "Ann", address: "7" });
  expect(headOf({}, "Person 1")).toEqual({ name: "Person 1", address: "" });
  expect(headFields({ name: "a@b.c", email: "a@b.c", phone: "+49" })).toEqual(["name", "phone"]);
  expect(headFields({ name: "", phone: "+49" })).toEqual(["phone"]);
});
