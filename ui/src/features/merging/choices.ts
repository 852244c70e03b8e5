import type { Preview } from "./addresses";

type Takes = Preview["fields"][number]["takes"];

/** Whose value stays: the survivor's, the other's, or that of both in one list. */
export type Whose = "survivor" | "merged" | "both";

/** What the reader has picked, by field. */
export type Picks = ReadonlyMap<string, Whose>;

/** Whose value of a field stays as things are; null where both have the same. */
export function pickOf({ field, takes }: { field: string; takes: Takes }, picks: Picks): Whose | null {
  return takes === "same" ? null : (picks.get(field) ?? takes);
}

/** What the server is told: a number for each field where the reader wants another value than it would take. */
export function choicesOf({ survivor, merged, fields }: Preview, picks: Picks): Record<string, number> {
  const numbers = { survivor: survivor.number, merged: merged.number };
  return Object.fromEntries(
    fields.flatMap((field) => {
      const pick = pickOf(field, picks);
      const isOther = field.choosable && pick !== null && pick !== "both" && pick !== field.takes;
      return isOther ? [[field.field, numbers[pick]] as const] : [];
    }),
  );
}

/** All values of one of the two, by field. */
export function valuesOf({ fields }: Preview, side: "survivor" | "merged"): Record<string, unknown> {
  return Object.fromEntries(
    fields.flatMap(({ field, ...both }) => (both[side] ? [[field, both[side].value] as const] : [])),
  );
}
