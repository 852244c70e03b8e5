import i18next, { type BackendModule, type ResourceKey } from "i18next";
import { initReactI18next } from "react-i18next";
import { keep, kept } from "@/shared/storage";
import "./resources";

export const LANGUAGES = { en: "English", de: "Deutsch" } as const;
export type Language = keyof typeof LANGUAGES;

type Module = { default: ResourceKey };
// Every feature's words are a chunk of their own, per language; a new feature is found by its folder.
const chunks: Record<string, () => Promise<Module>> = {
  ...import.meta.glob<Module>("./{en,de}.ts"),
  ...import.meta.glob<Module>("./{problems,reasons,register}/de.ts"),
  ...import.meta.glob<Module>("../features/*/i18n/{en,de}.ts"),
};

/** What the server says of errors, by their codes. */
export const PROBLEMS = "problems";
/** Why the server did not take or do something, by the codes of its reasons. */
export const REASONS = "reasons";
/** What becomes of what is kept of a person, by the names of the register. */
export const REGISTER = "register";
const OF_THE_SERVER: readonly string[] = [PROBLEMS, REASONS, REGISTER];
const PATHS: Readonly<Record<string, (language: string) => string>> = {
  common: (language) => `./${language}.ts`,
  [PROBLEMS]: (language) => `./problems/${language}.ts`,
  [REASONS]: (language) => `./reasons/${language}.ts`,
  [REGISTER]: (language) => `./register/${language}.ts`,
};

const lazily: BackendModule = {
  type: "backend",
  init: () => undefined,
  read(language, namespace, done) {
    // The server's own sentences are English.
    if (OF_THE_SERVER.includes(namespace) && language === "en") return done(null, {});
    const path = PATHS[namespace]?.(language) ?? `../features/${namespace}/i18n/${language}.ts`;
    const load = chunks[path];
    if (!load) {
      done(new Error(`There are no words at ${path}.`), false);
      return;
    }
    load().then(
      (module) => done(null, module.default),
      (error: unknown) => done(error instanceof Error ? error : String(error), false),
    );
  },
};

/** The language to start with: the reader's choice, else the browser's if it is one of ours, else English. */
export function firstLanguage(): Language {
  return ownLanguage() ?? ours(navigator.language.slice(0, 2)) ?? "en";
}

/** What the reader has chosen; null where they have not. */
function ownLanguage(): Language | null {
  return ours(kept("language"));
}

function ours(language: string | null): Language | null {
  return language !== null && language in LANGUAGES ? (language as Language) : null;
}

export const i18n = i18next.createInstance();

/** Resolves when the words of the first page are there. */
export async function startI18n(): Promise<void> {
  await i18n
    .use(lazily)
    .use(initReactI18next)
    .init({
      lng: firstLanguage(),
      fallbackLng: false,
      ns: ["common", ...OF_THE_SERVER],
      defaultNS: "common",
      interpolation: { escapeValue: false }, // React escapes
      react: { useSuspense: true },
    });
}

/** The reader chooses a language: from now on it goes before every other. */
export async function setLanguage(language: Language): Promise<void> {
  keep("language", language);
  await speak(language);
}

/** Speaks a workspace's language, or that of the browser outside of any, unless the reader has chosen one. */
export async function offerLanguage(language: Language = firstLanguage()): Promise<void> {
  await speak(ownLanguage() ?? language);
}

async function speak(language: Language): Promise<void> {
  document.documentElement.lang = language;
  if (language !== currentLanguage()) await i18n.changeLanguage(language);
}

export function currentLanguage(): Language {
  return i18n.resolvedLanguage === "de" ? "de" : "en";
}
