import { createContext } from "react";

export type Draft = string | string[];

/** What is being typed of fields, by `draftKey`: kept while the page takes another form, as when a phone is turned. */
export const Drafts = createContext<Map<string, Draft> | null>(null);

export function draftKey(number: number, field: string): string {
  return `${number} ${field}`;
}
