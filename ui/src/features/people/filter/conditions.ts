import type { Schemas } from "@/api";

export type Field = Schemas["FieldOut"];
export type Operator = Schemas["OperatorOut"];
export type Operators = Schemas["OperatorsOut"];

export type Scalar = string | number | boolean;
export interface Range {
  from: Scalar;
  to: Scalar;
}
export interface Span {
  n: number;
  unit: string;
}
export type Value = Scalar | readonly Scalar[] | Range | Span | null;

export type Window =
  | { kind: "last"; n: number; unit: string }
  | { kind: "before" | "after"; at: Scalar }
  | { kind: "between"; from: Scalar; to: Scalar };

/** What one event must have to count. */
export interface Property {
  property: string;
  op: string;
  value?: Value;
}

export interface FieldCondition {
  type: "field";
  field: string;
  op: string;
  value?: Value;
  or_unknown?: boolean;
}
export interface SegmentCondition {
  type: "segment";
  op: string;
  segments: readonly string[];
}
export interface EventCondition {
  type: "event";
  event: string;
  op: string;
  count?: number | null;
  window?: Window | null;
  where?: readonly Property[];
}
interface Compared {
  op: string;
  value?: Value;
  or_unknown?: boolean;
}
export interface AggregateCondition extends Compared {
  type: "aggregate";
  function: string;
  property: string;
  event: string;
  window?: Window | null;
  where?: readonly Property[];
}
export interface EventTimeCondition extends Compared {
  type: "event_time";
  which: string;
  event: string;
  where?: readonly Property[];
}
export interface EventPropertyCondition extends Compared {
  type: "event_property";
  event: string;
  property: string;
}
/** One event, then another within a time. */
export interface SequenceCondition {
  type: "sequence";
  first: string;
  then: string;
  within: Span;
}
/** A stable random share of people: percent from, up to and not including, to. */
export interface BucketCondition {
  type: "bucket";
  from: number;
  to: number;
}
/** A figure made of events, compared with a value. */
export type FigureCondition = AggregateCondition | EventTimeCondition | EventPropertyCondition;
export type EventBased = EventCondition | FigureCondition;
export type Condition = FieldCondition | SegmentCondition | EventBased | SequenceCondition | BucketCondition;

/** A filter as the bar edits it. */
export interface Numbered {
  conditions: readonly Condition[];
  expression: string;
}

/** The same text for the same meaning: parts in one order, and parts that say nothing left out. */
export function canonical(condition: Condition): string {
  return JSON.stringify(plain(condition));
}

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  const parts = Object.entries(value)
    .map(([key, part]) => [key, plain(part)] as const)
    .filter(([key, part]) => !saysNothing(key, part))
    .sort(([one], [two]) => (one < two ? -1 : 1));
  return Object.fromEntries(parts);
}

function saysNothing(key: string, part: unknown): boolean {
  if (part === null || part === undefined) return true;
  if (key === "or_unknown") return part === false;
  return key === "where" && Array.isArray(part) && part.length === 0;
}

export function isRange(value: Value | undefined): value is Range {
  return typeof value === "object" && value !== null && "from" in value;
}

export function isSpan(value: Value | undefined): value is Span {
  return typeof value === "object" && value !== null && "n" in value;
}

export function isMany(value: Value | undefined): value is readonly Scalar[] {
  return Array.isArray(value);
}

/** The rows of the operator table that a field offers, in their order. */
export function operatorsOf(field: Field, operators: Operators): readonly Operator[] {
  const offered = new Set(field.operators);
  return (operators.fields[field.type] ?? []).filter(({ key }) => offered.has(key));
}

/** What a property of an event can be: events declare no types. */
export const PROPERTY_TYPES: readonly string[] = ["text", "number", "boolean", "datetime"];

/** The rows that a property of an event can have, for all kinds of value. */
export function propertyOperators(operators: Operators): readonly Operator[] {
  const found = new Map<string, Operator>();
  for (const type of PROPERTY_TYPES) {
    for (const row of operators.fields[type] ?? []) {
      if (row.semantic === null && !found.has(row.key)) found.set(row.key, row);
    }
  }
  return [...found.values()];
}

/** How a property is read for an operator: the type whose menu has it. */
export function propertyType(op: string, operators: Operators): string {
  return PROPERTY_TYPES.find((type) => operators.fields[type]?.some(({ key }) => key === op)) ?? "text";
}

/** Whether what an operator takes can be a value that there is: a pattern, a domain or a country is none. */
export function proposesValues({ key, semantic }: Operator): boolean {
  return semantic === null && !key.includes("match");
}

/** The value kept when another operator is chosen: the old one where it fits the new shape, else an empty one. */
export function valueFor(row: Operator, before?: Value): Value | undefined {
  switch (row.value) {
    case "none":
      return undefined;
    case "one":
      if (isMany(before)) return before[0];
      return typeof before === "object" ? undefined : before;
    case "many":
      if (isMany(before)) return before;
      return before === undefined || before === null || typeof before === "object" ? [] : [before as Scalar];
    case "range":
      return isRange(before) ? before : undefined;
    case "span": {
      const units = row.units;
      if (isSpan(before) && units.includes(before.unit)) return before;
      return { n: isSpan(before) ? before.n : 30, unit: units.includes("days") ? "days" : (units[0] ?? "days") };
    }
    default:
      return typeof before === "number" && before >= row.minimum ? before : Math.max(1, row.minimum);
  }
}

/** A condition on a field with another operator. Widening to people without a value stays where it may. */
export function withOperator(condition: FieldCondition, row: Operator): FieldCondition {
  const value = valueFor(row, condition.value);
  return {
    type: "field",
    field: condition.field,
    op: row.key,
    ...(value !== undefined && { value }),
    ...(row.or_unknown && condition.or_unknown && { or_unknown: true }),
  };
}

/** Whether a value has all that its shape asks for; the server checks what it means. */
export function isWhole(row: Operator | undefined, value: Value | undefined): boolean {
  if (!row) return false;
  switch (row.value) {
    case "none":
      return true;
    case "one":
      return typeof value === "number" || typeof value === "boolean" || (typeof value === "string" && value !== "");
    case "many":
      return isMany(value) && value.length > 0;
    case "range":
      return isRange(value) && value.from !== "" && value.to !== "";
    case "span":
      return isSpan(value) && Number.isInteger(value.n) && value.n >= Math.max(1, row.minimum);
    default:
      return typeof value === "number" && Number.isInteger(value) && value >= row.minimum;
  }
}

/** Whether a condition can be asked about: while it can't, the bar keeps what it had. */
export function isComplete(condition: Condition, operators: Operators): boolean {
  switch (condition.type) {
    case "field": {
      const rows = Object.values(operators.fields).flat();
      return isWhole(
        rows.find(({ key }) => key === condition.op),
        condition.value,
      );
    }
    case "segment":
      return condition.segments.length > 0;
    case "event":
      return isCompleteEvent(condition, operators);
    case "aggregate":
    case "event_time":
    case "event_property":
      return isCompleteFigure(condition, operators);
    case "sequence":
      return condition.first !== "" && condition.then !== "" && condition.within.n > 0;
    case "bucket":
      return condition.from >= 0 && condition.from < condition.to && condition.to <= 100;
  }
}

function isCompleteFigure(condition: FigureCondition, operators: Operators): boolean {
  const row = figureRows(condition, operators).find(({ key }) => key === condition.op);
  if (!condition.event || !isWhole(row, condition.value)) return false;
  if (condition.type !== "event_time" && !condition.property) return false;
  if (condition.type === "aggregate" && condition.window && !isWholeWindow(condition.window)) return false;
  return condition.type === "event_property" || areWhole(condition.where, operators);
}

function isCompleteEvent(condition: EventCondition, operators: Operators): boolean {
  const row = operators.events.find(({ key }) => key === condition.op);
  if (!condition.event || !row) return false;
  if (row.value === "count" && !isWhole(row, condition.count)) return false;
  if (condition.window && !isWholeWindow(condition.window)) return false;
  return areWhole(condition.where, operators);
}

function areWhole(where: readonly Property[] | undefined, operators: Operators): boolean {
  const rows = propertyOperators(operators);
  return (where ?? []).every(
    ({ property, op, value }) =>
      property !== "" &&
      isWhole(
        rows.find(({ key }) => key === op),
        value,
      ),
  );
}

function isWholeWindow(window: Window): boolean {
  if (window.kind === "last") return Number.isInteger(window.n) && window.n > 0;
  if (window.kind === "between") return window.from !== "" && window.to !== "";
  return window.at !== "";
}

/** The operators on a figure: numbers for what is counted up, times for first and last, all for a property. */
export function figureRows(condition: FigureCondition, operators: Operators): readonly Operator[] {
  if (condition.type === "event_property") return propertyOperators(operators);
  return operators.fields[condition.type === "aggregate" ? "number" : "datetime"] ?? [];
}

export function figureType(condition: FigureCondition, operators: Operators): string {
  if (condition.type === "event_property") return propertyType(condition.op, operators);
  return condition.type === "aggregate" ? "number" : "datetime";
}

/** What of an event is looked at: "times", a function over a property, "first", "last", or "property". */
export function measureOf(condition: EventBased): string {
  switch (condition.type) {
    case "aggregate":
      return condition.function;
    case "event_time":
      return condition.which;
    case "event_property":
      return "property";
    default:
      return "times";
  }
}

/** The condition on the same events with another measure; what fits of the old one is kept. */
export function withMeasure(
  condition: EventBased,
  measure: string,
  operators: Operators,
  firstProperty: string,
): EventBased {
  const { event } = condition;
  const property = "property" in condition ? condition.property : firstProperty;
  const where = "where" in condition && condition.where ? { where: condition.where } : {};
  const window = "window" in condition && condition.window ? { window: condition.window } : {};
  if (measure === "times") return { type: "event", event, op: "did", ...window, ...where };
  if (measure === "property") return { type: "event_property", event, property, op: "is" };
  if (measure === "first" || measure === "last") {
    const value = { n: 30, unit: "days" };
    return { type: "event_time", which: measure, event, op: "in_last", value, ...where };
  }
  if (!operators.functions.some(({ key }) => key === measure)) return condition;
  const before = condition.type === "aggregate" ? { op: condition.op, value: condition.value ?? null } : null;
  const compared = before && before.value !== null ? before : { op: "greater" };
  return { type: "aggregate", function: measure, property, event, ...window, ...where, ...compared };
}

/** Where a new condition begins: a field with its first operator, an event that was done, a segment one is in ... */
export function startOn(target: Target, operators: Operators): Condition {
  if (target.kind === "segment") return { type: "segment", op: "in", segments: [target.id] };
  if (target.kind === "event") return { type: "event", event: target.name, op: "did" };
  // biome-ignore lint/suspicious/noThenProperty: the language's word for the second event
  if (target.kind === "sequence") return { type: "sequence", first: "", then: "", within: { n: 7, unit: "days" } };
  if (target.kind === "bucket") return { type: "bucket", from: 0, to: 10 };
  const row = firstOperator(target.field, operators);
  return row
    ? withOperator({ type: "field", field: target.field.name, op: row.key }, row)
    : { type: "field", field: target.field.name, op: "is_known" };
}

/** What a condition can be about. */
export type Target =
  | { kind: "field"; field: Field }
  | { kind: "segment"; id: string; name: string }
  | { kind: "event"; name: string }
  | { kind: "sequence" }
  | { kind: "bucket" };

const FIRST: Readonly<Record<string, string>> = {
  datetime: "in_last",
  date: "anniversary_in_next",
  number: "at_least",
};

function firstOperator(field: Field, operators: Operators): Operator | undefined {
  const rows = operatorsOf(field, operators);
  return rows.find(({ key }) => key === FIRST[field.type]) ?? rows[0];
}
