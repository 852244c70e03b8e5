import type { TFunction } from "i18next";
import { formatDate, formatNumber, formatTime } from "@/shared";
import {
  type Condition,
  type EventCondition,
  type FieldCondition,
  type FigureCondition,
  figureRows,
  isMany,
  isRange,
  isSpan,
  measureOf,
  type Operator,
  propertyOperators,
  type Scalar,
  type Value,
  type Window,
} from "./conditions";
import type { Vocabulary } from "./known";

export type T = TFunction<"people">;

/** A condition in three parts, as a chip shows it. */
export interface Said {
  subject: string;
  operator: string;
  value: string;
}

/** The operator in the reader's language; the server's own word where we have none. */
export function operatorLabel(t: T, { key, label, sentence }: Operator): string {
  // "at least" is said of a number, and of how often something was done.
  const kind = sentence.includes("{e}") ? "did" : "op";
  return t(`${kind}.${key}` as "op.is", { defaultValue: label });
}

/** Rows of the operator table as a menu. */
export function operatorMenu(t: T, rows: readonly Operator[]): { value: string; label: string }[] {
  return rows.map((row) => ({ value: row.key, label: operatorLabel(t, row) }));
}

export function describe(t: T, condition: Condition, vocabulary: Vocabulary): Said {
  switch (condition.type) {
    case "field":
      return describeField(t, condition, vocabulary);
    case "segment": {
      const { op, segments } = condition;
      const names = segments.map((id) => vocabulary.segments.find((each) => each.id === id)?.name ?? id);
      const row = vocabulary.operators.segments.find(({ key }) => key === op);
      return { subject: "", operator: row ? operatorLabel(t, row) : op, value: listed(t, names) };
    }
    case "event":
      return describeEvent(t, condition, vocabulary);
    case "sequence": {
      const { first, then, within } = condition;
      const value = t("written.within", { first, then, length: spanText(t, within.n, within.unit) });
      return { subject: t("written.sequence"), operator: "", value };
    }
    case "bucket":
      return { subject: t("written.bucket"), operator: "", value: `${condition.from}–${condition.to} %` };
    default:
      return describeFigure(t, condition, vocabulary);
  }
}

function describeFigure(t: T, condition: FigureCondition, { operators }: Vocabulary): Said {
  const { event, op, value, or_unknown } = condition;
  const row = figureRows(condition, operators).find(({ key }) => key === op);
  const figure = t(`figure.${measureOf(condition)}` as "figure.sum");
  const property = condition.type === "event_time" ? "" : condition.property;
  const window = condition.type === "aggregate" && condition.window ? windowText(t, condition.window) : "";
  return {
    subject: [figure, property, `(${event})`, window].filter(Boolean).join(" "),
    operator: row ? withSpan(t, operatorLabel(t, row), value) : op,
    value: [isSpan(value) ? "" : describeValue(t, value), or_unknown ? t("value.orUnknown") : ""]
      .filter(Boolean)
      .join(" "),
  };
}

function describeField(
  t: T,
  { field, op, value, or_unknown }: FieldCondition,
  { fields, operators }: Vocabulary,
): Said {
  const found = fields.find(({ name }) => name === field);
  const rows = operators.fields[found?.type ?? "text"] ?? [];
  const row = rows.find(({ key }) => key === op);
  return {
    subject: found?.label ?? field,
    operator: row ? withSpan(t, operatorLabel(t, row), value) : op,
    value: [isSpan(value) ? "" : describeValue(t, value), or_unknown ? t("value.orUnknown") : ""]
      .filter(Boolean)
      .join(" "),
  };
}

/** "more than ... ago" has its length in the middle, "in the last" behind. */
function withSpan(t: T, label: string, value: Value | undefined): string {
  if (!isSpan(value)) return label;
  const length = spanText(t, value.n, value.unit);
  return label.includes("...") ? label.replace("...", length) : `${label} ${length}`;
}

export function spanText(t: T, n: number, unit: string): string {
  return t(`unit.${unit}` as "unit.days", { count: n, number: formatNumber(n) });
}

function describeEvent(t: T, condition: EventCondition, vocabulary: Vocabulary): Said {
  const row = vocabulary.operators.events.find(({ key }) => key === condition.op);
  const rows = propertyOperators(vocabulary.operators);
  const where = (condition.where ?? []).map(({ property, op, value }) => {
    const found = rows.find(({ key }) => key === op);
    const label = found ? withSpan(t, operatorLabel(t, found), value) : op;
    return [property, label, isSpan(value) ? "" : describeValue(t, value)].filter(Boolean).join(" ");
  });
  const times = row?.value === "count" ? t("event.times", { count: condition.count ?? 0 }) : "";
  const parts = [
    times,
    condition.window ? windowText(t, condition.window) : "",
    where.length ? t("event.whereText", { text: where.join(", ") }) : "",
  ];
  return {
    subject: condition.event,
    operator: row ? operatorLabel(t, row) : condition.op,
    value: parts.filter(Boolean).join(" "),
  };
}

function windowText(t: T, window: Window): string {
  switch (window.kind) {
    case "last":
      return `${t("op.in_last")} ${spanText(t, window.n, window.unit)}`;
    case "between":
      return `${t("op.time_between")} ${scalarText(t, window.from)} – ${scalarText(t, window.to)}`;
    default:
      return `${t(`op.${window.kind}`)} ${scalarText(t, window.at)}`;
  }
}

function describeValue(t: T, value: Value | undefined): string {
  if (value === undefined || value === null) return "";
  if (isMany(value))
    return listed(
      t,
      value.map((each) => scalarText(t, each)),
    );
  if (isRange(value)) return `${scalarText(t, value.from)} – ${scalarText(t, value.to)}`;
  return isSpan(value) ? spanText(t, value.n, value.unit) : scalarText(t, value as Scalar);
}

const SHOWN = 3;

function listed(t: T, names: readonly string[]): string {
  const shown = names.slice(0, SHOWN).join(", ");
  return names.length > SHOWN ? t("value.more", { shown, count: names.length - SHOWN }) : shown;
}

function scalarText(t: T, value: Scalar): string {
  if (typeof value === "number") return formatNumber(value, { maximumFractionDigits: 10 });
  if (typeof value === "boolean") return t(value ? "cell.yes" : "cell.no");
  if (/^\d{4}-\d\d-\d\d$/.test(value)) return formatDate(`${value}T00:00:00Z`, "UTC");
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/.test(value)) return formatTime(`${value}Z`, "UTC");
  return value;
}
