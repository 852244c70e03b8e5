import type { Schemas } from "@/api";
import { own } from "@/shared";
import type { Consent, FileColumn, Import, Plan, PlanColumn } from "./addresses";

type Field = Pick<Schemas["FieldOut"], "name" | "type" | "importable">;
export type FieldType = Schemas["FieldType"];

/** Where a column of the file goes: nowhere, to a field there is, or to an attribute that is to be made. */
export interface Choice {
  to: "nowhere" | "field" | "new";
  field: string;
  type: FieldType;
  label: string;
  date_order: FileColumn["date_order"];
  decimal: FileColumn["decimal"];
}

/** What someone has chosen so far; it may not be complete yet. `layout` says of which reading of the file. */
export interface Draft {
  layout: string;
  /** By the column's place, from 1. */
  columns: Readonly<Record<number, Choice>>;
  rules: Rules;
}

export type Rules = Omit<Plan, "sheet" | "header_row" | "encoding" | "delimiter" | "columns">;

export const CHANNELS = ["email", "sms", "whatsapp", "messenger", "telegram", "voice", "webchat"] as const;
export const MOST_SEGMENTS = 20;
/** What can tell who is who and is no field: the person's own number, and names on channels. */
export const ONLY_KEYS = [
  "number",
  "anonymous_id",
  "telegram",
  "messenger",
  "whatsapp",
  "sms",
  "voice",
  "webchat",
  "sandbox",
] as const;
const KEYS: ReadonlySet<string> = new Set(["user_id", "email", "phone", ...ONLY_KEYS]);

const RULES: Rules = {
  key: "",
  existing: "update",
  missing: "create",
  empty_cells: "keep",
  bad_values: "reject",
  duplicates: "skip",
  country: "",
  list_delimiter: ";",
  tags: [],
  segments: [],
  consents: [],
};

/** How the file is read now; a draft of another reading is about other columns. */
export function layoutOf({ sheet, header_row, encoding, delimiter }: Import): string {
  return JSON.stringify([sheet, header_row, encoding, delimiter]);
}

/** What to begin with: the plan if there is one for this reading of the file, else what the server suggests. */
export function draftOf(source: Import): Draft {
  const { plan } = source;
  const isOurs =
    plan && plan.header_row === source.header_row && (plan.sheet || source.sheets[0] || "") === source.sheet;
  const planned = new Map(isOurs ? plan.columns.map((column) => [column.column, column]) : []);
  const columns: Record<number, Choice> = {};
  for (const column of source.columns) {
    columns[column.place] = isOurs ? choiceOfPlan(column, planned.get(column.place)) : choiceOf(column, source.key);
  }
  const known = isOurs ? { ...RULES, ...plan } : { ...RULES, key: source.key };
  const { key, existing, missing, empty_cells, bad_values, duplicates, country, list_delimiter, tags, segments } =
    known;
  const rules = {
    key,
    existing,
    missing,
    empty_cells,
    bad_values,
    duplicates,
    country,
    list_delimiter,
    tags,
    segments,
  };
  return { layout: layoutOf(source), columns, rules: { ...rules, consents: known.consents } };
}

function choiceOf(column: FileColumn, key: string): Choice {
  const { suggestion, header, date_order, decimal } = column;
  const made = { label: header, date_order, decimal };
  // What can only be the key is of no use beside another one.
  if (!suggestion || (isOnlyKey(suggestion.field) && suggestion.field !== key)) {
    return { ...made, to: "nowhere", field: "", type: "text" };
  }
  return { ...made, to: suggestion.exists ? "field" : "new", field: suggestion.field, type: suggestion.type };
}

function choiceOfPlan(column: FileColumn, planned: Schemas["PlanColumn"] | undefined): Choice {
  const { header, date_order, decimal } = column;
  if (!planned) return { to: "nowhere", field: "", type: "text", label: header, date_order, decimal };
  return {
    to: planned.type ? "new" : "field",
    field: planned.field,
    type: planned.type ?? "text",
    label: planned.label ?? header,
    date_order: planned.date_order ?? date_order,
    decimal: planned.decimal ?? decimal,
  };
}

export function isOnlyKey(name: string): boolean {
  return ONLY_KEYS.some((each) => each === name);
}

/** The draft as the server takes it. Columns that go nowhere are left out. */
export function planOf(draft: Draft, source: Import): Plan {
  const columns = source.columns.flatMap(({ place }): PlanColumn[] => {
    const choice = draft.columns[place];
    if (!choice || choice.to === "nowhere") return [];
    const { field, date_order, decimal } = choice;
    const isNew = choice.to === "new";
    return [
      {
        column: place,
        field,
        type: isNew ? choice.type : null,
        label: isNew ? choice.label : "",
        date_order,
        decimal,
      },
    ];
  });
  const isText = source.format === "text";
  return {
    sheet: source.sheet,
    header_row: source.header_row,
    encoding: isText ? source.encoding : "",
    delimiter: isText ? (source.delimiter as Plan["delimiter"]) : "",
    columns,
    ...draft.rules,
  };
}

/** Fields of this draft that may say who is who, each once, in the file's order. */
export function keysOf(draft: Draft, source: Import): string[] {
  const fields = planOf(draft, source).columns.map(({ field }) => field);
  return [...new Set(fields)].filter((field) => KEYS.has(field));
}

export type Trouble = "twice" | "unnamed" | "taken" | "onlyKey" | "unfit";

/** What is wrong with a choice, or doubtful: "unfit" stops nobody, since rows say for themselves what is wrong. */
export function troubleOf(place: number, draft: Draft, source: Import, fields: readonly Field[]): Trouble | null {
  const choice = draft.columns[place];
  if (!choice || choice.to === "nowhere") return null;
  if (!choice.field.trim()) return "unnamed";
  const alike = Object.values(draft.columns).filter((each) => each.to !== "nowhere" && each.field === choice.field);
  if (alike.length > 1) return "twice";
  if (choice.to === "new" && (isOnlyKey(choice.field) || fields.some(({ name }) => name === choice.field)))
    return "taken";
  if (isOnlyKey(choice.field) && draft.rules.key !== choice.field) return "onlyKey";
  const column = source.columns.find((each) => each.place === place);
  return column && fitOf(column, choice, fields) < 1 ? "unfit" : null;
}

/** The share of a column's cells that fit its target, 0 to 1, as far as the file was looked at. */
export function fitOf(column: FileColumn, choice: Choice, fields: readonly Field[]): number {
  return own(column.types, measureOf(choice, fields)) ?? 1;
}

function measureOf(choice: Choice, fields: readonly Field[]): string {
  if (choice.to === "new") return choice.type;
  if (choice.field === "email" || choice.field === "phone" || choice.field === "ip") return choice.field;
  if (choice.field === "number") return "number";
  return fields.find(({ name }) => name === choice.field)?.type ?? "text";
}

/** The type that decides how cells are read. */
export function typeOf(choice: Choice, fields: readonly Field[]): FieldType {
  if (choice.to === "new") return choice.type;
  return fields.find(({ name }) => name === choice.field)?.type ?? "text";
}

/** The rules with a consent more: of a channel that has none yet. */
export function withConsent(consents: readonly Consent[]): Consent[] {
  const channel = CHANNELS.find((each) => !consents.some((consent) => consent.channel === each));
  return channel ? [...consents, { channel, source: "", column: null }] : [...consents];
}
