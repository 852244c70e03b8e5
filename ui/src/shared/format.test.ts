import { beforeAll, describe, expect, it } from "vitest";
import { setLanguage, startI18n } from "@/i18n";
import { formatAgo, formatNumber, formatTime } from "./format";
import { fieldName, personSearch, quoted } from "./sentences";

beforeAll(async () => {
  await startI18n();
  await setLanguage("en");
});

const NOW = Date.UTC(2026, 0, 31, 12);
const ago = (milliseconds: number) => formatAgo(NOW - milliseconds, NOW);
const HOUR = 3_600_000;

describe("times and numbers", () => {
  it.each([
    [0, "now"],
    [59_000, "now"],
    [61_000, "1 minute ago"],
    [5 * HOUR, "5 hours ago"],
    [25 * HOUR, "yesterday"],
    [-50 * HOUR, "in 2 days"],
    [24 * HOUR * 400, "last year"],
  ])("%d ms before is %s", (milliseconds, text) => {
    expect(ago(milliseconds)).toBe(text);
  });

  it("are in the zone of the workspace", () => {
    expect(formatTime(NOW, "Asia/Tokyo")).toContain("9:00");
    expect(formatTime(NOW, "UTC")).toContain("12:00");
  });

  it("follow the language", async () => {
    expect(formatNumber(1_234_567)).toBe("1,234,567");
    await setLanguage("de");
    expect(formatNumber(1_234_567)).toBe("1.234.567");
    await setLanguage("en");
  });
});

describe("parts of sentences", () => {
  it.each([
    ["Ada", '"Ada"'],
    ['say "hi" \\', '"say \\"hi\\" \\\\"'],
  ])("%s is quoted", (text, expected) => {
    expect(quoted(text)).toBe(expected);
  });

  it("name fields, whatever their names", () => {
    expect(fieldName("a`b\\c")).toBe("`a\\`b\\\\c`");
  });

  it("look for a person in all that names one", () => {
    expect(personSearch('"x')).toContain('name contains "\\"x" or email contains "\\"x"');
  });
});
