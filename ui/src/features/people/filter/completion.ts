import { fieldName, quoted } from "@/shared/sentences";
import type { Field } from "./conditions";
import { proposesValues } from "./conditions";
import type { OfEvent } from "./facets";
import {
  isCounted,
  isLed,
  isPlaceholder,
  isPlainName,
  type Known,
  type Read,
  type Reading,
  type Rest,
  readings,
  tokensOf,
  unitsOf,
  unquoted,
} from "./grammar";

export type { Known } from "./grammar";

export interface Option {
  /** What is shown. */
  label: string;
  /** What is written instead of the text from `from` to `to`. */
  insert: string;
  from: number;
  to: number;
  kind: "field" | "operator" | "value" | "event" | "property" | "segment" | "word" | "comma" | "open" | "close";
  /** Beside the label: the field's own name, how many people have the value. */
  note?: string;
}

/** Values are the server's to know: whose, and what has been typed of one. */
export interface Wanted {
  /** The field whose values are proposed, or the property of events. */
  field?: Field;
  of?: OfEvent;
  /** Only numbers, as they are. */
  isNumber: boolean;
  search: string;
  from: number;
  to: number;
}

// First comes what goes on with a row's form, and last what goes on behind the condition: words, its bracket.
const LATER: Readonly<Record<string, number>> = { more: 2, part: 3, unknown: 4 };

function rankOf(rest: Rest | null): number {
  if (!rest) return 0;
  const { rule, sentence } = rest.form;
  const begins = sentence.startsWith(rest.part);
  if (rule === undefined) return begins ? 1 : 0;
  return rule === "part" && begins ? 1 : (LATER[rule] ?? 1);
}

// What is found by any part of its name, and can stand in quotes.
const NAMED: ReadonlySet<Option["kind"]> = new Set(["field", "event", "property", "segment"]);

interface Spot {
  typed: string;
  from: number;
  to: number;
  /** Where what stands before ends. */
  end: number;
  known: Known;
}

/** What could stand at the caret: options, and whose values to ask the server for. */
export function complete(text: string, caret: number, known: Known): { options: Option[]; wanted: Wanted | null } {
  const before = tokensOf(text.slice(0, caret));
  const last = before.at(-1);
  const partial = last && last.end === caret && (last.kind === "word" || last.open) ? before.pop() : undefined;
  const typed = partial ? (partial.kind === "word" ? partial.text : unquoted(partial.text)) : "";
  const from = partial?.start ?? caret;
  const spot: Spot = { typed, from, to: caret, end: before.at(-1)?.end ?? from, known };
  const found = readings(before, known).sort((one, two) => rankOf(one.rest) - rankOf(two.rest));
  const wanted = found.map((reading) => wantedBy(reading, spot)).find((each) => each !== null) ?? null;
  const options = found.flatMap((reading) => optionsOf(reading, spot));
  const fitting = partial?.open ? options.filter(({ kind }) => NAMED.has(kind)) : options;
  return { options: inOrder(fitting, spot), wanted };
}

/** Each result once; what begins with what has been typed comes before what has it inside. */
function inOrder(options: readonly Option[], { typed }: Spot): Option[] {
  const once = new Map<string, Option>();
  for (const option of options) {
    const key = `${option.from} ${option.insert.toLowerCase()}`;
    if (!once.has(key)) once.set(key, option);
  }
  const isFirst = ({ label, note, kind }: Option) =>
    !NAMED.has(kind) || starts(label, typed) || starts(note ?? "", typed);
  return [...once.values()].sort((one, two) => Number(isFirst(two)) - Number(isFirst(one)));
}

function optionsOf({ rest, read }: Reading, spot: Spot): Option[] {
  if (!rest) return [];
  if (!isPlaceholder(rest.part)) return phrase(rest, read, spot);
  switch (rest.part) {
    case "{f}":
      return fieldOptions(read, spot);
    case "{p}":
      return propertyOptions(rest, spot);
    case "{e}":
    case "{a}":
    case "{b}":
      return named("event", spot.known.events, spot);
    case "{unit}":
      return units(read, spot);
    default:
      return read.types?.includes("segment") ? named("segment", spot.known.segments, spot) : values(rest, read, spot);
  }
}

const SIGNS: Readonly<Record<string, Option["kind"]>> = { ",": "comma", "(": "open", ")": "close" };

/** The words that come next, up to a name or value; shown with those of the same form before them. */
function phrase(rest: Rest, read: Read, { typed, from, to, end }: Spot): Option[] {
  const before = read.said?.form === rest.form ? read.said : null;
  const words = wordsOf(rest, read);
  if (!words.startsWith(typed.toLowerCase()) || words === typed.toLowerCase()) return [];
  const label = before ? close(`${before.text} ${words}`) : words;
  // A comma and a closing bracket stand close to what they follow.
  const start = before ? before.from : /^[,)]/.test(words) ? end : from;
  return [{ label, insert: label, from: start, to, kind: SIGNS[words] ?? (rest.form.row ? "operator" : "word") }];
}

function wordsOf(rest: Rest, read: Read): string {
  const words: string[] = [];
  let at: Rest | null = rest;
  for (; at && !isPlaceholder(at.part) && at.form === rest.form; at = at.next) {
    words.push(at.part === "times" ? counted(at.part, read) : at.part);
  }
  if (at?.part === "{v}" && at.form === rest.form && read.row?.value === "many") words.push("(");
  return close(words.join(" "));
}

/** Brackets as one writes them, close to what they hold. */
function close(words: string): string {
  return words.replace(/\( /g, "(").replace(/ \)/g, ")");
}

/** A word for things of which there are as many as the value before says. */
function counted(word: string, { value }: Read): string {
  return value === "1" ? word.replace(/s$/, "") : word;
}

function fieldOptions(read: Read, { typed, from, to, known }: Spot): Option[] {
  return known.fields
    .filter((field) => isCounted(field, read) && (has(field.name, typed) || has(field.label, typed)))
    .map(({ name, label }) => ({ label, insert: nameText(name, known), from, to, kind: "field", note: name }));
}

function propertyOptions(rest: Rest, { typed, from, to, known }: Spot): Option[] {
  // At the begin of a condition, fields come to mind first: properties only when one has been begun.
  if (isLed(rest) && typed === "") return [];
  const words = isLed(rest) ? ` ${wordsOf(rest.next ?? rest, {})}` : "";
  return known.properties
    .filter((name) => has(name, typed))
    .map((name) => ({ label: name + words, insert: nameText(name, known) + words, from, to, kind: "property" }));
}

function named(kind: "event" | "segment", names: readonly string[], { typed, from, to }: Spot): Option[] {
  return names
    .filter((name) => has(name, typed))
    .map((name) => ({ label: name, insert: quoted(name), from, to, kind }));
}

function units(read: Read, spot: Spot): Option[] {
  return unitsOf(read, spot.known)
    .map((unit) => counted(unit, read))
    .filter((unit) => unit.startsWith(spot.typed.toLowerCase()) && unit !== spot.typed.toLowerCase())
    .map((unit) => plain(unit, spot));
}

const SPANS = [1, 7, 14, 30, 90, 365];
const COUNTS = [1, 2, 3, 5, 10, 20];
const PERCENTS = [0, 10, 20, 25, 50, 75, 100];
const DAYS_AGO = [365, 90, 30, 7, 1, 0];

/** Numbers and dates to begin with. Who types one means just that: Enter must not make another of it. */
function values(rest: Rest, read: Read, spot: Spot): Option[] {
  if (spot.typed !== "") return [];
  if (read.row?.value === "count")
    return numbers(
      COUNTS.filter((each) => each >= (read.row?.minimum ?? 0)),
      spot,
    );
  if (rest.part === "{n}") return numbers(SPANS, spot);
  if (!read.types)
    return numbers(
      PERCENTS.filter((each) => isBetween(each, rest, read)),
      spot,
    );
  return read.types.some((type) => /^date/.test(type)) ? dates(rest, read, spot) : [];
}

/** A range goes up, and a share of people up to all of them. */
function isBetween(percent: number, { part }: Rest, { value }: Read): boolean {
  return part === "{to}" ? percent > Number(value) : percent < 100;
}

function dates(rest: Rest, read: Read, spot: Spot): Option[] {
  const days = DAYS_AGO.map((each) => daysBefore(spot.known.today, each));
  if (rest.part === "{from}") return days.slice(0, -1).map((day) => plain(day, spot));
  const later = rest.part === "{to}" ? days.filter((day) => day > (read.value ?? "").slice(0, day.length)) : days;
  return later.reverse().map((day) => plain(day, spot));
}

function daysBefore(today: string, days: number): string {
  return new Date(Date.parse(`${today}T00:00Z`) - days * 86_400_000).toISOString().slice(0, today.length);
}

function numbers(all: readonly number[], spot: Spot): Option[] {
  return all.map((each) => plain(String(each), spot));
}

function plain(text: string, { from, to }: Spot): Option {
  return { label: text, insert: text, from, to, kind: "value" };
}

/** Whose values to ask for, where a value can stand and the server knows some. */
function wantedBy({ rest, read }: Reading, { typed, from, to }: Spot): Wanted | null {
  const { field, event, property, row, types = [] } = read;
  if ((rest?.part !== "{v}" && rest?.part !== "{item}") || !row || !proposesValues(row)) return null;
  const isText = types.some((type) => type === "text" || type === "list");
  const ask = { isNumber: !isText, search: typed, from, to };
  if (field) return isText && row.value !== "count" ? { field, ...ask } : null;
  if (event === undefined || property === undefined || row.value === "count") return null;
  // A number that is being typed is meant as it is.
  return isText || (types.includes("number") && typed === "") ? { of: { event, property }, ...ask } : null;
}

function nameText(name: string, known: Known): string {
  return isPlainName(name, known) ? name : fieldName(name);
}

function has(text: string, part: string): boolean {
  return text.toLowerCase().includes(part.toLowerCase());
}

function starts(text: string, part: string): boolean {
  return text.toLowerCase().startsWith(part.toLowerCase());
}

/** The text with an option taken, and where the caret goes. */
export function taken(text: string, option: Option): { text: string; caret: number } {
  const after = text.slice(option.to);
  const isClose = /^[ ),]/.test(after) || option.insert.endsWith("(");
  const insert = isClose ? option.insert : `${option.insert} `;
  return { text: text.slice(0, option.from) + insert + after, caret: option.from + insert.length };
}

/** Where a problem that names a line and a column (from 1) stands in the text. */
export function offsetOf(text: string, line: number, column: number): number {
  const lines = text.split("\n");
  const before = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
  return Math.min(text.length, before + column - 1);
}
