import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { harmless, toCsv } from "./csv";

// The table that the server's own guard is tested with.
const FORMULAS: { dangerous: string[]; plain: string[] } = JSON.parse(
  readFileSync("../tests/conformance/formulas.json", "utf8"),
);

describe("toCsv", () => {
  it("works", () => {
    expect(
      toCsv(
        ["City", "People"],
        [
          ["Bonn", 3],
          ["Köln", 4],
        ],
      ),
    ).toBe("City,People\r\nBonn,3\r\nKöln,4\r\n");
  });

  it.each([
    ["a,b", '"a,b"'],
    ['say "hi"', '"say ""hi"""'],
    ["two\nlines", '"two\nlines"'],
    ["=1+1", "'=1+1"],
    ["-5", "-5"],
    ["@me", "'@me"],
    ["", ""],
    [null, ""],
    [-5, "-5"],
  ])("writes %j as %j", (cell, text) => {
    expect(toCsv(["x"], [[cell]])).toBe(`x\r\n${text}\r\n`);
  });
});

describe("harmless", () => {
  it.each(FORMULAS.dangerous)("makes a text of %j", (text) => {
    expect(harmless(text)).toBe(`'${text}`);
  });

  it.each(FORMULAS.plain)("leaves %j", (text) => {
    expect(harmless(text)).toBe(text);
  });
});
