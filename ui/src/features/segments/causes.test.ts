import { beforeAll, describe, expect, it } from "vitest";
import { startI18n } from "@/i18n";
import { causeInWords } from "./causes";
import en from "./i18n/en";

const words = (key: string, values: Record<string, string> = {}) =>
  (en.cause as Record<string, string>)[key.replace("cause.", "")]?.replace(
    /{{(\w+)}}/g,
    (_, name) => values[name] ?? "",
  );

beforeAll(startI18n);

describe("causeInWords", () => {
  it.each([
    ["event", "purchase", "did “purchase”"],
    ["event", "purchase; plan,city", "did “purchase”; Plan, city changed"],
    ["field", "plan,city", "Plan, city changed"],
    ["clock", "", "time passed"],
    ["retention", "", "old events were removed"],
    ["definition", "3", "revision 3 of the definition"],
    ["definition", "no such field", "the segment broke: no such field"],
    ["broken", "uses_deleted: It uses one: that is gone.", "the segment broke: It uses one: that is gone."],
    ["segment", "seg_1", "segment “Paying” changed"],
    ["segment", "seg_2", "segment “one that you cannot see” changed"],
    ["hand", "user:usr_1", "by hand, Ada"],
    ["hand", "cli", "by hand"],
    ["merge", "42", "merged with person 42"],
    ["unmerge", "42", "parted from person 42"],
    ["api", "key_1", "through the API"],
    ["newer", "x", "newer: x"],
    ["", "", ""],
  ])("%s %j is %j", (cause, ref, said) => {
    const known = {
      t: words as unknown as Parameters<typeof causeInWords>[2]["t"],
      fields: new Map([["plan", "Plan"]]),
      segments: new Map([["seg_1", "Paying"]]),
      author: (by: string) => (by === "user:usr_1" ? "Ada" : null),
    };
    expect(causeInWords(cause, ref, known)).toBe(said);
  });
});
