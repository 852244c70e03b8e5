/** What this browser remembers of its reader. Not for data: only for choices that are lost without harm. */
export type Choice = "language" | "density" | "scheme" | "workspace" | "menu";

/** The choice, or null where none was made or storage is closed to us, as in some private windows. */
export function kept(choice: Choice): string | null {
  try {
    return localStorage.getItem(`coterie.${choice}`);
  } catch {
    return null;
  }
}

export function keep(choice: Choice, value: string): void {
  try {
    localStorage.setItem(`coterie.${choice}`, value);
  } catch {
    // The choice holds until the page is closed.
  }
}
