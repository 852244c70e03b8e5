import { instantShowing, wallTimeAt } from "@/shared/zones";
import type { Span, Value } from "./conditions";
import { isSpan } from "./conditions";

const EXACT: Readonly<Record<string, number>> = {
  minutes: 60_000,
  hours: 3_600_000,
  days: 86_400_000,
  weeks: 604_800_000,
};

/** The ends of a relative time as instants, for showing; null where it is open. The server decides by its own clock. */
export interface Resolved {
  from: number | null;
  to: number | null;
}

/** What a relative operator means at `now` in a time zone; null for operators that are not relative. */
export function resolved(op: string, value: Value | undefined, now: number, zone: string): Resolved | null {
  const name = op.replace(/^not_/, "");
  const day = startOfDay(now, zone);
  if (name === "today") return { from: day, to: addDays(day, 1, zone) };
  if (name === "yesterday") return { from: addDays(day, -1, zone), to: day };
  if (name === "this_week") {
    const monday = addDays(day, -((weekday(day, zone) + 6) % 7), zone);
    return { from: monday, to: addDays(monday, 7, zone) };
  }
  if (name === "this_month" || name === "this_year") {
    const { year, month } = wallTimeAt(now, zone);
    const first = name === "this_month" ? month : 1;
    const next = name === "this_month" ? [year, month + 1] : [year + 1, 1];
    return { from: instant(year, first, 1, zone), to: instant(next[0] ?? year, next[1] ?? 1, 1, zone) };
  }
  return isSpan(value) ? relative(name, value, now, zone) : null;
}

function relative(name: string, span: Span, now: number, zone: string): Resolved | null {
  if (!Number.isInteger(span.n) || span.n < 1 || span.n > 100_000) return null;
  switch (name) {
    case "in_last":
      return { from: step(now, span, -1, zone), to: now };
    case "more_than_ago":
      return { from: null, to: step(now, span, -1, zone) };
    case "in_next":
      return { from: now, to: step(now, span, 1, zone) };
    case "more_than_ahead":
      return { from: step(now, span, 1, zone), to: null };
    case "exactly_ago": {
      const day = startOfDay(step(startOfDay(now, zone) + 43_200_000, span, -1, zone), zone);
      return { from: day, to: addDays(day, 1, zone) };
    }
    default:
      return null;
  }
}

function step(at: number, { n, unit }: Span, sign: 1 | -1, zone: string): number {
  const exact = EXACT[unit];
  if (exact) return at + sign * n * exact;
  const { year, month, day, ms } = wallTimeAt(at, zone);
  const months = year * 12 + (month - 1) + sign * n * (unit === "years" ? 12 : 1);
  const target = [Math.floor(months / 12), (((months % 12) + 12) % 12) + 1] as const;
  const last = new Date(Date.UTC(target[0], target[1], 0)).getUTCDate();
  return instant(target[0], target[1], Math.min(day, last), zone, ms);
}

/** The instant at which a zone's clock shows a local time. Months and days beyond their end go on into the next. */
function instant(year: number, month: number, day: number, zone: string, ms = 0): number {
  return instantShowing(Date.UTC(year, month - 1, day) + ms, zone);
}

function startOfDay(at: number, zone: string): number {
  const { year, month, day } = wallTimeAt(at, zone);
  return instant(year, month, day, zone);
}

function addDays(start: number, days: number, zone: string): number {
  const { year, month, day } = wallTimeAt(start, zone);
  return instant(year, month, day + days, zone);
}

function weekday(at: number, zone: string): number {
  const { year, month, day } = wallTimeAt(at, zone);
  return new Date(Date.UTC(year, month - 1, day)).getUTCDay();
}
