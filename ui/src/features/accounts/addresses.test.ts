import { describe, expect, it } from "vitest";
import { safeNext } from "./safeNext";
import { slugOf } from "./slug";

describe("where to go after logging in", () => {
  it.each([
    ["/w/acme/people?where=x", true],
    ["/", true],
    ["//evil.example", false],
    ["/\\evil.example", false],
    ["https://evil.example", false],
    ["javascript:alert(1)", false],
    ["w/acme", false],
    ["", false],
    [undefined, false],
    [7, false],
  ])("%s is ours: %s", (next, ours) => {
    expect(safeNext(next)).toBe(ours ? next : undefined);
  });
});

describe("the short name of a workspace", () => {
  it.each([
    ["Acme", "acme"],
    ["Müller & Söhne", "muller-sohne"],
    ["  --x--  ", "x"],
    ["日本", ""],
    ["a".repeat(60), "a".repeat(48)],
  ])("of %s is %s", (name, slug) => {
    expect(slugOf(name)).toBe(slug);
  });
});
