import { currentLanguage } from "@/i18n";

const made = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat | Intl.RelativeTimeFormat>();

/** A formatter, made once per language and options: making one is slow, and lists need thousands. */
function once<T extends Intl.NumberFormat | Intl.DateTimeFormat | Intl.RelativeTimeFormat>(
  kind: string,
  options: object,
  make: (language: string) => T,
): T {
  const language = currentLanguage();
  const key = `${kind} ${language} ${JSON.stringify(options)}`;
  const found = made.get(key) ?? make(language);
  made.set(key, found);
  return found as T;
}

/** 12345 as 12,345 or 12.345. */
export function formatNumber(value: number, options: Intl.NumberFormatOptions = {}): string {
  return once("number", options, (language) => new Intl.NumberFormat(language, options)).format(value);
}

/** A date and time as people read it, in a time zone; the browser's without one. */
export function formatTime(at: string | number | Date, zone?: string): string {
  const options: Intl.DateTimeFormatOptions = {
    dateStyle: "medium",
    timeStyle: "short",
    ...(zone && { timeZone: zone }),
  };
  return once("time", options, (language) => new Intl.DateTimeFormat(language, options)).format(new Date(at));
}

/** A time without its date. */
export function formatClock(at: string | number | Date, zone?: string): string {
  const options: Intl.DateTimeFormatOptions = { timeStyle: "short", ...(zone && { timeZone: zone }) };
  return once("time", options, (language) => new Intl.DateTimeFormat(language, options)).format(new Date(at));
}

/** A date without a time. */
export function formatDate(at: string | number | Date, zone?: string): string {
  const options: Intl.DateTimeFormatOptions = { dateStyle: "medium", ...(zone && { timeZone: zone }) };
  return once("date", options, (language) => new Intl.DateTimeFormat(language, options)).format(new Date(at));
}

const STEPS: readonly [Intl.RelativeTimeFormatUnit, seconds: number][] = [
  ["year", 31_557_600],
  ["month", 2_629_800],
  ["week", 604_800],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** "3 days ago", "in 2 hours"; in the largest unit that it fills. */
export function formatAgo(at: string | number | Date, now: number = Date.now()): string {
  const seconds = (new Date(at).getTime() - now) / 1000;
  const options = { numeric: "auto", style: "long" } as const;
  const format = once("ago", options, (language) => new Intl.RelativeTimeFormat(language, options));
  for (const [unit, size] of STEPS) {
    if (Math.abs(seconds) >= size) return format.format(Math.trunc(seconds / size), unit);
  }
  return format.format(0, "second");
}
