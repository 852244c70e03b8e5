import type en from "./i18n/en";

export type ClassName = keyof typeof en.retention.class;

/** The classes that have words, in the order in which people look for them. */
const ORDER: readonly ClassName[] = [
  "events",
  "people",
  "notes",
  "rejected_values",
  "merges",
  "memberships",
  "imports",
  "exports",
  "copies",
  "error_files",
  "quarantine",
  "id_conflicts",
  "jobs",
  "notifications",
];

/** The class's name where there are words for it; a newer server may have more. */
export function nameOf(name: string): ClassName | undefined {
  return ORDER.find((each) => each === name);
}

/** The classes as people look for them; those without words last. */
export function inOrder<T extends { name: string }>(items: readonly T[]): T[] {
  const names: readonly string[] = ORDER;
  const place = ({ name }: T) => (names.includes(name) ? names.indexOf(name) : names.length);
  return items.toSorted((a, b) => place(a) - place(b));
}
