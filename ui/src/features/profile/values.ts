import type { Schemas } from "@/api";
import { formatDate, formatNumber, formatTime } from "@/shared";
import { instantShowing, offsetAt } from "@/shared/zones";

export type FieldType = Schemas["FieldType"];

/** Fields that Coterie or conversations keep: nobody writes them by hand. Those with their own control are here too. */
const KEPT = new Set([
  "created_at",
  "first_seen",
  "last_seen",
  "last_message_at",
  "last_message",
  "current_message",
  "channels",
  "tags",
  "banned",
]);

export function isKept(name: string): boolean {
  return KEPT.has(name);
}

/** The address of a link if a text is one that is safe to follow; null for every other text. */
export function linkOf(text: string): string | null {
  if (!/^https?:\/\//i.test(text)) return null;
  try {
    const { protocol, href } = new URL(text);
    return protocol === "https:" || protocol === "http:" ? href : null;
  } catch {
    return null;
  }
}

/** A value as a text for reading, in the workspace's zone; `words` are those for true and false. */
export function textOf(
  value: unknown,
  type: FieldType | null,
  zone: string,
  words: { yes: string; no: string },
): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "boolean") return value ? words.yes : words.no;
  if (typeof value === "number") return formatNumber(value, { maximumFractionDigits: 6 });
  if (Array.isArray(value)) return value.map((each) => textOf(each, null, zone, words)).join(", ");
  if (typeof value === "object") return JSON.stringify(value);
  const text = String(value);
  if (type === "datetime" && isTime(text)) return formatTime(text, zone);
  if (type === "date" && isDate(text)) return formatDate(`${text}T00:00:00Z`, "UTC");
  return text;
}

export function isDate(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text);
}

/** Whether a text is a time as the API writes it. */
export function isTime(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}T.*(?:Z|[+-]\d{2}:\d{2})$/.test(text) && !Number.isNaN(Date.parse(text));
}

/** What stands in the control when someone starts to change a value. */
export function draftOf(value: unknown, type: FieldType, zone: string): string | string[] {
  if (type === "list") return Array.isArray(value) ? value.map(String) : [];
  if (value === null || value === undefined) return "";
  if (type === "datetime") return wallTime(String(value), zone);
  return String(value);
}

/** What is sent for a draft; null clears the field. What does not fit goes as it is: the server says what is wrong. */
export function rawOf(draft: string | string[], type: FieldType, zone: string): unknown {
  if (Array.isArray(draft)) return draft.length ? draft : null;
  const text = draft.trim();
  if (text === "") return null;
  if (type === "boolean" && (text === "true" || text === "false")) return text === "true";
  if (type === "number" && Number.isFinite(Number(text))) return Number(text);
  if (type === "datetime") return instantOf(text, zone) ?? text;
  return text;
}

/** Whether two values are the same to a reader. */
export function isSame(one: unknown, two: unknown): boolean {
  return JSON.stringify(one ?? null) === JSON.stringify(two ?? null);
}

/** An instant as a zone's clocks show it: `2026-01-31T10:00`, what a datetime-local input takes. "" for no time. */
export function wallTime(at: string, zone: string): string {
  const instant = Date.parse(at);
  if (Number.isNaN(instant)) return "";
  return new Date(instant + offsetAt(instant, zone)).toISOString().slice(0, 16);
}

/** The instant at which a zone's clocks show a time, as ISO text; null when it is no time. */
export function instantOf(wall: string, zone: string): string | null {
  const shown = Date.parse(`${wall}Z`);
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?$/.test(wall) || Number.isNaN(shown)) return null;
  return new Date(instantShowing(shown, zone)).toISOString();
}

/** The fields that say who a person is: the one that they are called by, and an address below it. */
export function headFields(data: Record<string, unknown>): [name?: string, address?: string] {
  const known = ["name", "email", "phone", "username", "user_id"].filter(
    (key) => typeof data[key] === "string" && data[key] !== "",
  );
  const [name, ...others] = known;
  if (name === undefined) return [];
  const address = ["email", "phone"].find((key) => others.includes(key) && data[key] !== data[name]) ?? others[0];
  return address === undefined ? [name] : [name, address];
}

/** The name to show for a person, and the address below it. */
export function headOf(data: Record<string, unknown>, unnamed: string): { name: string; address: string } {
  const [name, address] = headFields(data);
  return { name: name ? String(data[name]) : unnamed, address: address ? String(data[address]) : "" };
}
