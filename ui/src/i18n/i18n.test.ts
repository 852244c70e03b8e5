import { beforeAll, describe, expect, it } from "vitest";
import { currentLanguage, i18n, LANGUAGES, setLanguage, startI18n } from "@/i18n";
import { words } from "./words";

type Tree = { [key: string]: string | Tree };
const files = import.meta.glob<{ default: Tree }>(["./{en,de}.ts", "../features/*/i18n/{en,de}.ts"], { eager: true });
const folders = [...new Set(Object.keys(files).map((path) => path.replace(/[a-z]{2}\.ts$/, "")))];

function texts(tree: Tree, prefix = ""): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(tree)) {
    if (typeof value === "string") found.set(prefix + key, value);
    else for (const [inner, text] of texts(value, `${prefix}${key}.`)) found.set(inner, text);
  }
  return found;
}

/** The placeholders of a text; the singular may write its number out. */
const places = (key: string, text = "") =>
  [...text.matchAll(/{{(\w+)}}/g)]
    .map((found) => found[1])
    .filter((name) => !(name === "count" && key.endsWith("_one")))
    .sort();
const of = (folder: string, language: string) => texts(files[`${folder}${language}.ts`]?.default ?? {});

describe.each(folders)("the words in %s", (folder) => {
  it("are the same in both languages", () => {
    expect([...of(folder, "de").keys()]).toEqual([...of(folder, "en").keys()]);
    expect(of(folder, "en").size).toBeGreaterThan(0);
  });

  it("hold the same placeholders, and none is empty", () => {
    const german = of(folder, "de");
    for (const [key, text] of of(folder, "en")) {
      expect(places(key, german.get(key)), key).toEqual(places(key, text));
      expect(text.trim() && german.get(key)?.trim(), key).toBeTruthy();
    }
  });
});

describe("languages", () => {
  beforeAll(startI18n);

  it("change while the page is open", async () => {
    await words("people");
    for (const [language, title] of [
      ["de", "Personen"],
      ["en", "People"],
    ] as const) {
      await setLanguage(language);
      expect(i18n.t("people:title")).toBe(title);
      expect([currentLanguage(), document.documentElement.lang]).toEqual([language, language]);
    }
    expect(Object.keys(LANGUAGES)).toEqual(["en", "de"]);
  });
});
