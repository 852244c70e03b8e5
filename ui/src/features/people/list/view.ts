import type { Schemas } from "@/api";
import { moved } from "@/shared/order";

export interface Column {
  field: string;
  /** In pixels; that of the field's type where none is set. */
  width?: number;
}

/** What the list shows and how: it is the address, and it is what a saved view holds. */
export interface View {
  where: string;
  sort: string;
  /** Those behind the first one. */
  columns: readonly Column[];
  /** In pixels, where the first column was made wider or narrower. */
  firstWidth?: number;
}

/** The address of the list. */
export interface PeopleSearch {
  where?: string;
  sort?: string;
  /** Columns as `email,last_seen:160`; the first one only with its width, as `name:300`. */
  cols?: string;
  /** The saved view it came from, or "all" for everyone as it comes. */
  view?: string;
  /** Text that people are searched for, within the filter. */
  q?: string;
  /** Whose profile lies open over the list. */
  person?: number;
  tab?: "charts";
}

export const DEFAULT_SORT = "-last_seen";
export const DEFAULT_COLUMNS: readonly Column[] = ["email", "last_seen", "first_seen", "country", "city"].map(
  (field) => ({ field }),
);
/** Stands first, and stays there. */
export const FIRST = "name";
export const NARROWEST = 72;
export const WIDEST = 900;

/** The address as far as it can be understood; the rest is left out. */
export function readSearch(raw: Record<string, unknown>): PeopleSearch {
  const text = (key: string) => (typeof raw[key] === "string" || typeof raw[key] === "number" ? String(raw[key]) : "");
  const person = Number(raw.person);
  return {
    ...(text("where") && { where: text("where") }),
    ...(text("sort") && { sort: text("sort") }),
    ...(text("cols") && { cols: text("cols") }),
    ...(text("view") && { view: text("view") }),
    ...(text("q") && { q: text("q") }),
    ...(Number.isInteger(person) && person > 0 && { person }),
    ...(raw.tab === "charts" && { tab: "charts" as const }),
  };
}

/** Columns as the address has them; field names may hold any character. */
export function printColumns(columns: readonly Column[]): string {
  return columns
    .map(({ field, width }) => encodeURIComponent(field) + (width === undefined ? "" : `:${width}`))
    .join(",");
}

/** Columns of an address; widths that can't be are brought to those that can. */
export function readColumns(text: string | undefined): readonly Column[] {
  if (text === undefined) return DEFAULT_COLUMNS;
  const seen = new Set<string>();
  return text.split(",").flatMap((part) => {
    const [, name = "", width] = /^([^:]*)(?::(\d+))?$/.exec(part) ?? [];
    const field = decoded(name);
    if (!field || seen.has(field)) return [];
    seen.add(field);
    return width === undefined ? [{ field }] : [{ field, width: within(Number(width)) }];
  });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}

export function within(width: number): number {
  return Math.round(Math.min(WIDEST, Math.max(NARROWEST, width)));
}

/** What an address shows. */
export function viewOf(search: PeopleSearch): View {
  return {
    where: search.where ?? "",
    sort: search.sort ?? DEFAULT_SORT,
    ...shownColumns(readColumns(search.cols)),
  };
}

/** All columns with a place or a width of their own, as the address and a saved view hold them. */
export function allColumns({ columns, firstWidth }: View): readonly Column[] {
  return firstWidth === undefined ? columns : [{ field: FIRST, width: firstWidth }, ...columns];
}

function shownColumns(all: readonly Column[]): Pick<View, "columns" | "firstWidth"> {
  const first = all.find(({ field }) => field === FIRST);
  const columns = first ? all.filter((each) => each !== first) : all;
  return first?.width === undefined ? { columns } : { columns, firstWidth: first.width };
}

/** The address of a view: what is as it comes is left out. */
export function searchOf(view: View): Pick<PeopleSearch, "where" | "sort" | "cols"> {
  const cols = printColumns(allColumns(view));
  return {
    ...(view.where && { where: view.where }),
    ...(view.sort !== DEFAULT_SORT && { sort: view.sort }),
    ...(cols !== printColumns(DEFAULT_COLUMNS) && { cols }),
  };
}

/** What a saved view shows; columns whose fields are gone are left out. */
export function viewOfSaved(saved: Schemas["ViewOut"]): View {
  const columns = saved.columns
    .filter(({ field }) => !saved.missing.includes(field))
    .map(({ field, width }): Column => (width === null ? { field } : { field, width }));
  return {
    where: saved.where ?? "",
    sort: saved.sort,
    ...shownColumns(columns.length ? columns : DEFAULT_COLUMNS),
  };
}

/** Whether two views show the same. */
export function isSameView(one: View, two: View): boolean {
  const [left, right] = [one, two].map((each) => printColumns(allColumns(each)));
  return one.where === two.where && one.sort === two.sort && left === right;
}

/** The order after a click on a column: rising, falling; times begin with the latest. */
export function nextSort(sort: string, field: string, type: string): string {
  const falls = type === "datetime" || type === "date" || type === "number";
  if (sort === field) return `-${field}`;
  if (sort === `-${field}`) return field;
  return falls ? `-${field}` : field;
}

/** One column moved to another place. */
export function movedColumn(columns: readonly Column[], from: number, to: number): readonly Column[] {
  return moved(columns, from, to);
}

/** The columns with one shown or hidden; a new one comes last. */
export function toggledColumn(columns: readonly Column[], field: string): readonly Column[] {
  const rest = columns.filter((each) => each.field !== field);
  return rest.length === columns.length ? [...columns, { field }] : rest;
}

/** The columns with one as wide as said. */
export function sizedColumn(columns: readonly Column[], field: string, width: number): readonly Column[] {
  return columns.map((each) => (each.field === field ? { field, width: within(width) } : each));
}

/** Widths of columns: those that nobody has set share evenly what is left of the room. */
export function grown(
  columns: readonly { least: number; width: number | undefined }[],
  room: number,
): readonly number[] {
  const free = columns.filter(({ width }) => width === undefined).length;
  const taken = columns.reduce((sum, { least, width }) => sum + (width ?? least), 0);
  const more = free ? Math.max(0, Math.floor((room - taken) / free)) : 0;
  return columns.map(({ least, width }) => width ?? Math.min(WIDEST, least + more));
}
