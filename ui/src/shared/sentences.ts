// Parts of sentences of the filter language, see docs/filters.md.

/** A text as the language writes it. */
export function quoted(text: string): string {
  return `"${text.replace(/\\/g, "\\\\").replace(/"/g, '\\"')}"`;
}

/** What the server writes in a definition for a segment that its reader may not see, and after a deleted one's name. */
const UNSEEN = quoted("a segment you cannot see");
const DELETED = ' (deleted)"';

/** A definition to be read: these in words of the reader's language. */
export function readable(sentence: string, words: { unseen: string; deleted: string }): string {
  return sentence.replaceAll(UNSEEN, quoted(words.unseen)).replaceAll(DELETED, ` (${words.deleted})"`);
}

/** A field's name in back-quotes, which fits every name; the server's own sentences leave out what is not needed. */
export function fieldName(name: string): string {
  return `\`${name.replace(/\\/g, "\\\\").replace(/`/g, "\\`")}\``;
}

const SEARCHED = ["name", "email", "phone", "username", "user_id"];

/** The filter that finds people by a text in what they are called; `useFoundPeople` knows numbers and all ids too. */
export function personSearch(text: string): string {
  return SEARCHED.map((field) => `${field} contains ${quoted(text)}`).join(" or ");
}

/** Whether the filter of `personSearch` finds a person with these values. */
export function isHeld(values: Readonly<Record<string, unknown>>, text: string): boolean {
  const part = text.trim().toLowerCase();
  return SEARCHED.some((field) =>
    String(values[field] ?? "")
      .toLowerCase()
      .includes(part),
  );
}
