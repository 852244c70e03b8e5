/** A list with one entry moved to another place. */
export function moved<T>(all: readonly T[], from: number, to: number): readonly T[] {
  if (to < 0 || to >= all.length || from < 0) return all;
  const next = [...all];
  next.splice(to, 0, ...next.splice(from, 1));
  return next;
}
