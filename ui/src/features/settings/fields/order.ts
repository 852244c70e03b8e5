/** The list with one of its members at another place; the same list when there is nothing to do. */
export function moved<T>(list: readonly T[], from: number, to: number): readonly T[] {
  const member = list[from];
  if (member === undefined || from === to || to < 0 || to >= list.length) return list;
  const rest = list.toSpliced(from, 1);
  return rest.toSpliced(to, 0, member);
}

/** A key for an attribute, made of its label: "Favourite colour" gives "favourite_colour". */
export function keyOfLabel(label: string): string {
  return label
    .normalize("NFKD")
    .replace(/\p{Mark}/gu, "")
    .toLowerCase()
    .replace(/[^\p{Letter}\p{Number}]+/gu, "_")
    .replace(/^_+|_+$/g, "");
}

/** Whether a field is one that a search means: by label, name or description. */
export function isMeant(field: { name: string; label: string; description: string }, search: string): boolean {
  const text = search.trim().toLowerCase();
  return [field.label, field.name, field.description].some((each) => each.toLowerCase().includes(text));
}
