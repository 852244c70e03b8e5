// What the clocks of a time zone show, and when they show it. For showing and typing: the server has its own.

/** A time as the clocks of a zone show it. */
export interface WallTime {
  year: number;
  month: number;
  day: number;
  /** Since local midnight, by the clock on the wall. */
  ms: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** What a zone's clocks show at an instant, to the second. */
export function wallTimeAt(at: number, zone: string): WallTime {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    formats.set(zone, format);
  }
  const found = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const { year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = found;
  return { year, month, day, ms: ((hour * 60 + minute) * 60 + second) * 1000 };
}

/** The day that a zone's calendar shows at an instant, such as 2026-01-31. */
export function dayAt(at: number, zone: string): string {
  const { year, month, day } = wallTimeAt(at, zone);
  return new Date(Date.UTC(year, month - 1, day)).toISOString().slice(0, "2026-01-31".length);
}

/** How far a zone's clocks are ahead of UTC at an instant, in milliseconds. */
export function offsetAt(at: number, zone: string): number {
  const { year, month, day, ms } = wallTimeAt(at, zone);
  return Date.UTC(year, month - 1, day) + ms - Math.floor(at / 1000) * 1000;
}

/** The instant at which a zone's clocks show what UTC shows at `shown`; around a change of the clock, the one after it. */
export function instantShowing(shown: number, zone: string): number {
  const guess = shown - offsetAt(shown, zone);
  // Between the guess and the truth the clocks may have been changed.
  return shown - offsetAt(guess, zone);
}
