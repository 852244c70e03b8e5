import { type Condition, canonical, type Numbered } from "./conditions";
import { matching, matchOf, numbersIn, printExpression, readExpression, renumbered, without } from "./expression";

/** Nobody is left out. */
export const EVERYONE: Numbered = { conditions: [], expression: "" };

function joined(conditions: readonly Condition[], before: Numbered, custom: () => string): Numbered {
  const match = matchOf(before.expression, before.conditions.length);
  return { conditions, expression: match === "custom" ? custom() : matching(match, conditions.length) };
}

/** One more condition at the end: joined as the others are, and by `and` behind an expression of one's own. */
export function added(filter: Numbered, condition: Condition): Numbered {
  const conditions = [...filter.conditions, condition];
  return joined(conditions, filter, () => {
    const read = readExpression(filter.expression, filter.conditions.length);
    if ("mark" in read) return matching("all", conditions.length);
    const text = printExpression(read.expression);
    return `${read.expression.kind === "or" ? `(${text})` : text} and ${conditions.length}`;
  });
}

/** Another condition in the place of one; the expression stays. */
export function replaced(filter: Numbered, at: number, condition: Condition): Numbered {
  return { ...filter, conditions: filter.conditions.map((each, i) => (i === at ? condition : each)) };
}

/** Without one condition, wherever the expression names it. */
export function removed(filter: Numbered, at: number): Numbered {
  const conditions = filter.conditions.filter((_, i) => i !== at);
  return joined(conditions, filter, () => {
    const read = readExpression(filter.expression, filter.conditions.length);
    const rest = "mark" in read ? null : without(read.expression, at + 1);
    return rest ? printExpression(rest) : matching("all", conditions.length);
  });
}

/** Two conditions joined into a group by `or`, where one is dragged onto another: `1 and (2 or 3)`. */
export function grouped(filter: Numbered, one: number, two: number): Numbered {
  const read = readExpression(filter.expression, filter.conditions.length);
  if (one === two || "mark" in read) return filter;
  const mover = Math.max(one, two) + 1;
  const stays = Math.min(one, two) + 1;
  const kept = dropped(read.expression, mover);
  if (!kept) return filter;
  const group = { kind: "or", of: [number(stays), number(mover)] } as const;
  return { ...filter, expression: printExpression(put(kept, stays, group)) };
}

type Tree = Parameters<typeof printExpression>[0];
const number = (of: number): Tree => ({ kind: "number", number: of });

function dropped(tree: Tree, gone: number): Tree | null {
  const less = without(tree, gone);
  // `without` moves the higher numbers down, for a condition that is gone; here it stays.
  return less && renumbered(less, (each) => (each >= gone ? each + 1 : each));
}

function put(tree: Tree, at: number, group: Tree): Tree {
  if (tree.kind === "number") return tree.number === at ? group : tree;
  if (tree.kind === "not") return { kind: "not", of: put(tree.of, at, group) };
  return { kind: tree.kind, of: tree.of.map((part) => put(part, at, group)) };
}

/** The conditions' counts in the order of the bar; the server counts each once, in order of appearance. */
export function inOrder<T>(filter: Numbered, counted: readonly Condition[], counts: readonly T[]): (T | undefined)[] {
  const known = new Map(counted.map((condition, i) => [canonical(condition), counts[i]] as const));
  const read = readExpression(filter.expression, filter.conditions.length);
  const order = [...new Set("mark" in read ? [] : numbersIn(read.expression))];
  // The server may write a value in another way; then the place tells which is which.
  const byPlace = order.length === counts.length;
  return filter.conditions.map((condition, i) => {
    const exact = known.get(canonical(condition));
    return exact ?? (byPlace ? counts[order.indexOf(i + 1)] : undefined);
  });
}

/** What the server's form of a filter is in the bar: `everyone` is no condition. */
export function fromServer(filter: Numbered): Numbered {
  return filter.conditions.length === 0 && filter.expression !== "nobody" ? EVERYONE : filter;
}
