import type { TFunction } from "i18next";
import { formatNumber, problemText } from "@/shared";
import type { Job } from "./addresses";

type T = TFunction<"jobs">;
type Details = Job["title_details"];

/** What a job is called: the server's English text, and the code and details by which other languages say it. */
export type Titled = Pick<Job, "title" | "title_code" | "title_details">;

/** A job's title in the reader's language; as the server says it where we have no words for its code. */
export function titleOf({ title, title_code: code, title_details: details }: Titled, t: T): string {
  const count = typeof details.count === "number" ? { number: formatNumber(details.count) } : {};
  const given = Object.entries(details).map(([name, value]) => [name, shown(value, t)]);
  const words = { ...Object.fromEntries(given), ...count };
  return t(`title.${code}` as "title.import", { ...words, defaultValue: "" }) || title;
}

/** A detail of a title; that of a job which was undone is a title itself. */
function shown(value: unknown, t: T): unknown {
  if (typeof value !== "object" || value === null) return value;
  const { title = "", code = "", details = {} } = value as { title?: string; code?: string; details?: Details };
  return titleOf({ title, title_code: code, title_details: details }, t);
}

/**
 * How a job has ended, as a sentence without its point. The `text` of a notification is shown as it is where the job is
 * from before titles had codes.
 */
export function endingOf(job: Titled & Pick<Job, "state"> & { text?: string }, t: T): string {
  const { state, text = "", title_code: code } = job;
  if (state === "queued" || state === "running" || (text && !code)) return text;
  return t(`ended.${state}`, { title: titleOf(job, t) });
}

/** What a job is doing now, in the reader's language; as the server says it where we have no words for it. */
export function phaseOf({ phase, phase_code: code }: Pick<Job, "phase" | "phase_code">, t: T): string {
  return t(`phase.${code}` as "phase.rows", { defaultValue: "" }) || phase;
}

/** Why a job failed, as an error of the server is told; its English text where it is not known in parts. */
export function failureOf({ error, failure }: Pick<Job, "error" | "failure">): string {
  return failure ? problemText(failure) : error;
}

/** "12,000 of 50,000 rows"; without a total what is done alone. */
export function amountOf({ progress, unit }: Pick<Job, "progress" | "unit">, t: T): string {
  const what = t(`unit.${unit}` as "unit.rows", { defaultValue: unit });
  const done = formatNumber(progress.done);
  return progress.total === null
    ? `${done} ${what}`
    : t("progress.of", { done, total: formatNumber(progress.total), unit: what });
}

/** "4,100 a second · about 9 s left"; empty before the first step. */
export function paceOf({ progress: { rate, seconds_left: left } }: Pick<Job, "progress">, t: T): string {
  const parts: string[] = [];
  if (rate > 0) {
    const number = formatNumber(rate, { maximumFractionDigits: rate < 10 ? 1 : 0 });
    parts.push(t("progress.rate", { number }));
  }
  if (left !== null) parts.push(t("progress.left", { time: durationOf(left, t) }));
  return parts.join(" · ");
}

/** Seconds as people say them: "9 s", "3 min", "1 h 20 min". */
export function durationOf(seconds: number, t: T): string {
  if (seconds < 60) return t("time.seconds", { number: formatNumber(Math.max(0, Math.round(seconds))) });
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return t("time.minutes", { number: formatNumber(minutes) });
  return t("time.hours", { hours: formatNumber(Math.floor(minutes / 60)), minutes: formatNumber(minutes % 60) });
}

/** What a job did so far, in the order of the words: words and number. What has no words is last. */
export function countsOf({ result }: Pick<Job, "result">, t: T): { key: string; label: string; count: number }[] {
  const counts = Object.entries((result.counts ?? {}) as Record<string, unknown>);
  const order = Object.keys(t("count", { returnObjects: true })).map((key) => key.replace(/_(one|other)$/, ""));
  const place = (key: string) => (order.includes(key) ? order.indexOf(key) : order.length);
  return counts
    .toSorted(([a], [b]) => place(a) - place(b))
    .map(([key, value]) => {
      const count = Number(value) || 0;
      const defaultValue = key.replaceAll("_", " ");
      return { key, label: t(`count.${key}` as "count.rows", { count, defaultValue }), count };
    });
}

/** Bytes as people say them, in kilobytes and more. */
export function sizeOf(bytes: number): string {
  const units = ["kilobyte", "megabyte", "gigabyte"] as const;
  const step = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3) - 1));
  const unit = units[step] ?? "kilobyte";
  return formatNumber(Math.max(0.1, bytes / 1000 ** (step + 1)), {
    style: "unit",
    unit,
    unitDisplay: "short",
    maximumFractionDigits: 1,
  });
}
