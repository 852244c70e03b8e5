import type { TFunction } from "i18next";
import { formatNumber } from "@/shared";
import type { Job } from "./addresses";

type T = TFunction<"jobs">;

type TitleKey =
  | "rehearse"
  | "run"
  | "undo"
  | "export"
  | "scheduled"
  | "change"
  | "into"
  | "outOf"
  | "delete"
  | "same"
  | "copy"
  | "erase"
  | "checkType"
  | "changeType"
  | "reapply";

/** How the server names its jobs, by kind; what the pattern finds goes into our own words. */
const TITLES: readonly { kind: string; pattern: RegExp; key: TitleKey }[] = [
  { kind: "import.rehearse", pattern: /^Rehearsal of (?<name>.*)$/s, key: "rehearse" },
  { kind: "import.run", pattern: /^Import of (?<name>.*)$/s, key: "run" },
  { kind: "import.undo", pattern: /^Undo of (?<name>.*)$/s, key: "undo" },
  { kind: "export", pattern: /^Export of (?<number>[\d,]+) (?:person|people) as (?<format>\w+)$/, key: "export" },
  { kind: "export.scheduled", pattern: /^Scheduled export (?<name>.*)$/s, key: "scheduled" },
  { kind: "bulk.change", pattern: /^Change of (?<number>[\d,]+) (?:person|people)$/, key: "change" },
  { kind: "bulk.members", pattern: /^(?<number>[\d,]+) (?:person|people) into (?<name>.*)$/s, key: "into" },
  { kind: "bulk.members", pattern: /^(?<number>[\d,]+) (?:person|people) out of (?<name>.*)$/s, key: "outOf" },
  { kind: "bulk.delete", pattern: /^Deletion of (?<number>[\d,]+) (?:person|people)$/, key: "delete" },
  { kind: "people.find_same", pattern: /^Looking for people who are the same$/, key: "same" },
  { kind: "privacy.copy", pattern: /^Copy for person (?<name>\d+)$/, key: "copy" },
  { kind: "privacy.erase", pattern: /^Erasure of (?<number>[\d,]+) numbers?$/, key: "erase" },
  { kind: "fields.check_type", pattern: /^Check of (?<name>.*) as \w+$/s, key: "checkType" },
  { kind: "fields.change_type", pattern: /^Change of (?<name>.*) to \w+$/s, key: "changeType" },
  { kind: "fields.reapply", pattern: /^Another try of (?<name>.*)$/s, key: "reapply" },
];
const UNDO = /^Undo: (?<name>.*)$/s;

/** A job's title in the reader's language; as the server says it where we have no words for its kind. */
export function titleOf({ kind, title }: Pick<Job, "kind" | "title">, t: T): string {
  const undone = kind === "bulk.undo" ? UNDO.exec(title)?.groups?.name : undefined;
  if (undone !== undefined) {
    const of = TITLES.find((row) => row.kind.startsWith("bulk.") && row.pattern.test(undone));
    return t("title.undo", { name: of ? titleOf({ kind: of.kind, title: undone }, t) : undone });
  }
  for (const row of TITLES) {
    const match = row.kind === kind ? row.pattern.exec(title) : null;
    if (!match) continue;
    const found = match.groups ?? {};
    const count = Number(found.number?.replaceAll(",", "") ?? 0);
    return t(`title.${row.key}`, {
      name: found.name ?? "",
      format: found.format ?? "",
      count,
      number: formatNumber(count),
    });
  }
  return title;
}

const PHASES: Readonly<Record<string, PhaseKey>> = {
  "Reading the file": "reading",
  "Going through the rows": "rows",
  "Writing people": "people",
  "Writing the workbook": "workbook",
  "Delivering the file": "delivering",
  "Taking rows back": "back",
  "Adding to segments": "members",
  "Taking out of segments": "members",
  "Going through the people": "through",
  "Taking back": "taking",
  "Comparing addresses": "addresses",
  "Comparing names": "names",
  "Writing it down": "noting",
  "Working in what was accepted": "arrived",
  Counting: "counting",
  "Looking through events that were set aside": "named",
  "Removing files": "files",
  "Removing people": "removing",
  "Removing old values": "former",
  "Removing exports and copies": "made",
  "Going through the log": "log",
  "Cleaning the index": "index",
  "Cleaning the database": "pages",
  "Signing the certificate": "signing",
  "Reading what is kept": "copying",
  "Reading values": "values",
  "Getting the new type ready": "preparing",
  "Converting values": "converting",
  "Trying values again": "trying",
};

type PhaseKey =
  | "reading"
  | "rows"
  | "people"
  | "workbook"
  | "delivering"
  | "back"
  | "members"
  | "through"
  | "taking"
  | "addresses"
  | "names"
  | "noting"
  | "arrived"
  | "counting"
  | "named"
  | "files"
  | "removing"
  | "former"
  | "made"
  | "log"
  | "index"
  | "pages"
  | "signing"
  | "copying"
  | "values"
  | "preparing"
  | "converting"
  | "trying";

/** What a job is doing now, in the reader's language where we have words for it. */
export function phaseOf({ phase }: Pick<Job, "phase">, t: T): string {
  const key = Object.hasOwn(PHASES, phase) ? PHASES[phase] : undefined;
  return key ? t(`phase.${key}`) : phase;
}

/** "12,000 of 50,000 rows"; without a total what is done alone. */
export function amountOf({ progress, unit }: Pick<Job, "progress" | "unit">, t: T): string {
  const what = unit === "people" ? t("unit.people") : unit === "rows" ? t("unit.rows") : unit;
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

const COUNTS = [
  "created",
  "updated",
  "unchanged",
  "skipped",
  "duplicate",
  "rejected",
  "taken_back",
  "kept",
  "exported",
  "changed",
  "failed",
  "suggested",
  "converted",
  "taken",
  "values",
  "warnings",
  "problems",
  "people",
  "rows",
  "would_join",
  "added_to_segments",
  "cut_texts",
] as const;

/** What a job did so far, in a fixed order: words and number. */
export function countsOf({ result }: Pick<Job, "result">, t: T): { key: string; label: string; count: number }[] {
  const counts = (result.counts ?? {}) as Record<string, unknown>;
  const known = COUNTS.filter((key) => typeof counts[key] === "number");
  const others = Object.keys(counts).filter((key) => !COUNTS.some((each) => each === key));
  return [
    ...known.map((key) => ({
      key,
      label: t(`count.${key}`, { count: Number(counts[key]) }),
      count: Number(counts[key]),
    })),
    ...others.map((key) => ({ key, label: key.replaceAll("_", " "), count: Number(counts[key]) || 0 })),
  ];
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
