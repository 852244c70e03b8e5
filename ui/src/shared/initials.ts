/** The first letters of the first and last word of a name; the first letter alone of an address or one word. */
export function initialsOf(name: string): string {
  const words = name.includes("@") ? [name] : name.trim().split(/\s+/);
  const letters = [words[0], words.length > 1 ? words.at(-1) : ""].map((word) => [...(word ?? "")][0] ?? "");
  return letters.join("").toUpperCase();
}

const HUES = ["blue", "cyan", "grape", "green", "indigo", "lime", "orange", "pink", "red", "teal", "violet"] as const;

/** One of the theme's colors for a name, always the same. */
export function hueOf(name: string): (typeof HUES)[number] {
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 1_000_003;
  return HUES[sum % HUES.length] ?? HUES[0];
}
