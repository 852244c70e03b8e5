/** Who is selected: some by their numbers, or everyone who matches, except some. */
export type Selection = { kind: "some"; numbers: ReadonlySet<number> } | { kind: "all"; except: ReadonlySet<number> };

export const NOBODY: Selection = { kind: "some", numbers: new Set() };

export function isSelected(selection: Selection, number: number): boolean {
  return selection.kind === "some" ? selection.numbers.has(number) : !selection.except.has(number);
}

/** How many are selected, of `total` who match. */
export function sizeOf(selection: Selection, total: number): number {
  return selection.kind === "some" ? selection.numbers.size : Math.max(0, total - selection.except.size);
}

/** The selection with some people in it or out of it. */
export function chosen(selection: Selection, numbers: Iterable<number>, selected: boolean): Selection {
  if (selection.kind === "some") {
    const next = new Set(selection.numbers);
    for (const number of numbers) selected ? next.add(number) : next.delete(number);
    return { kind: "some", numbers: next };
  }
  const except = new Set(selection.except);
  for (const number of numbers) selected ? except.delete(number) : except.add(number);
  return { kind: "all", except };
}

/** What the box in the head shows for the rows that are loaded. */
export function headState(selection: Selection, loaded: readonly number[]): "none" | "some" | "all" {
  const count = loaded.filter((number) => isSelected(selection, number)).length;
  return count === 0 ? "none" : count === loaded.length ? "all" : "some";
}

/** The selection as the server wants it; without a filter "all" is everyone, who have to be named. */
export function bodyOf(
  selection: Selection,
  where: string,
): { numbers: number[] } | { where: string; except: number[] } {
  return selection.kind === "some"
    ? { numbers: [...selection.numbers] }
    : { where: where || "everyone", except: [...selection.except] };
}
