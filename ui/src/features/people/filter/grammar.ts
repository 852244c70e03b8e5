import type { Field, Operator, Operators } from "./conditions";
import { operatorsOf, PROPERTY_TYPES, propertyOperators } from "./conditions";

// Reads a sentence as far as it goes and tells what could come next. Words and forms are the server's: its rows of
// operators, and its rules of how sentences are put together.

export interface Token {
  text: string;
  start: number;
  end: number;
  kind: "word" | "text" | "name" | "sign";
  /** A quote that has no end yet. */
  open: boolean;
}

/** What sentences of this workspace can name. */
export interface Known {
  fields: readonly Field[];
  operators: Operators;
  segments: readonly string[];
  events: readonly string[];
  properties: readonly string[];
  /** The day in the workspace's time zone, such as 2026-01-31. */
  today: string;
}

/** What is known of the condition that is being read. */
export interface Read {
  field?: Field;
  event?: string;
  property?: string | undefined;
  row?: Operator | undefined;
  /** What the values that the row compares can be. */
  types?: readonly string[];
  /** The value before, as it is written. */
  value?: string;
  /** The words of the form so far, and where they begin. */
  said?: { form: Form; text: string; from: number } | undefined;
}

/** Parts that have still to come: words, and placeholders in braces. */
export interface Rest {
  part: string;
  /** Which form it is a part of. */
  form: Form;
  next: Rest | null;
}

/** One way to read the sentence so far. */
export interface Reading {
  rest: Rest | null;
  read: Read;
}

/** One way to say something: a row's, or a rule's. */
export interface Form {
  sentence: string;
  /** The rule that it is a form of. */
  rule?: string;
  row?: Operator;
  types?: readonly string[];
}

const TOKEN = /"(?:[^"\\]|\\.)*("|$)|`(?:[^`\\]|\\.)*(`|$)|[<>!]=?|[=(),]|[^\s"`<>=!(),]+/gsu;
const DATE = /^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d)?)?$/i;
const NUMBER = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i;
const PLAIN = /^[a-z_][a-z0-9_]*$/i;

/** A sentence in its parts, as far as completion has to know them. */
export function tokensOf(text: string): Token[] {
  return [...text.matchAll(TOKEN)].map((found) => {
    const first = found[0][0];
    const kind = first === '"' ? "text" : first === "`" ? "name" : /^[<>=!(),]/.test(found[0]) ? "sign" : "word";
    const open = (kind === "text" && found[1] === "") || (kind === "name" && found[2] === "");
    return { text: found[0], start: found.index, end: found.index + found[0].length, kind, open };
  });
}

/** All ways to read some tokens. Behind what can't be read there is none, until the next `and` or `or`. */
export function readings(tokens: readonly Token[], known: Known): Reading[] {
  const begin = () => expanded({ rest: restOf({ sentence: "{filter}" }, null), read: {} }, known);
  let found = begin();
  for (const token of tokens) {
    const next = withoutSwallowed(found.flatMap((reading) => after(reading, token, known)));
    found = next.length === 0 && /^(and|or)$/i.test(token.text) ? begin() : next;
  }
  return found;
}

export function isPlaceholder(part: string): boolean {
  return part.startsWith("{");
}

/** Whether a name can stand without back-quotes: a plain word with which no condition begins. */
export function isPlainName(name: string, { operators }: Known): boolean {
  return PLAIN.test(name) && !reservedWords(operators).has(name.toLowerCase());
}

export function unquoted(text: string): string {
  return text.slice(1, text.length > 1 && text.endsWith(text[0] ?? "") ? -1 : undefined).replace(/\\(.)/gs, "$1");
}

/** The units of a length of time: those of the row, or those that a time can be ago. */
export function unitsOf({ row }: Read, { operators }: Known): readonly string[] {
  return row?.units.length ? row.units : (timeRow("in_last", operators)?.units ?? []);
}

function reservedWords({ rules, segments, events, functions, times, forms, fields }: Operators): Set<string> {
  const rows = [...segments, ...events, ...functions, ...times, ...forms, ...(fields.list ?? [])];
  const sentences = [...rows.map(({ sentence }) => sentence), ...(rules.part ?? [])];
  return new Set(sentences.map((sentence) => sentence.split(" ")[0] ?? "").filter((word) => PLAIN.test(word)));
}

function timeRow(key: string, operators: Operators): Operator | undefined {
  return operators.fields.datetime?.find((row) => row.key === key);
}

function restOf(form: Form, next: Rest | null): Rest | null {
  const parts = form.sentence.split(" ");
  return parts.reduceRight<Rest | null>((rest, part) => ({ part, form, next: rest }), next);
}

/** The readings with a word, a value or a name to come, or with nothing: rules and rows are replaced by their forms. */
function expanded(reading: Reading, known: Known): Reading[] {
  const { rest, read } = reading;
  if (!rest || !isPlaceholder(rest.part)) return [reading];
  const name = rest.part.slice(1, -1);
  if (name.endsWith("?")) {
    const without = expanded({ rest: rest.next, read }, known);
    if (name === "unknown?" && !read.row?.or_unknown) return without;
    return [...expanded({ rest: { ...rest, part: `{${name.slice(0, -1)}}` }, read }, known), ...without];
  }
  const forms = name === "v" && read.row?.value === "many" ? ruleForms("literals", known) : formsOf(name, read, known);
  if (!forms) return [reading];
  return forms.flatMap((form) => {
    const next: Read = name === "part" ? {} : { ...read, ...(form.types && { row: form.row, types: form.types }) };
    // What is compared is a sum or a time now, and no property.
    if (name === "form_number" || name === "form_time") next.property = undefined;
    return expanded({ rest: restOf(form, rest.next), read: next }, known);
  });
}

function ruleForms(name: string, { operators }: Known): Form[] | undefined {
  return operators.rules[name]?.map((sentence) => ({ sentence, rule: name }));
}

/** What can stand for a placeholder; undefined for names and values. */
function formsOf(name: string, read: Read, known: Known): Form[] | undefined {
  const { operators } = known;
  const { fields } = operators;
  switch (name) {
    case "segment":
      return operators.segments.flatMap((row) => allForms(row, ["segment"]));
    case "counting":
      return (fields.list ?? [])
        .filter(({ sentence }) => !sentence.startsWith("{f}"))
        .flatMap((row) => allForms(row, ["list"]));
    case "event_head":
      return operators.events.flatMap((row) => allForms(row, ["number"]));
    case "window":
      return operators.windows.flatMap(({ operator }) => {
        const row = timeRow(operator, operators);
        return row ? behindSubject([{ sentence: row.sentence, row, types: ["datetime"] }]) : [];
      });
    case "aggregate":
      return plainForms(operators.functions);
    case "event_time":
      return plainForms(operators.times);
    case "form_any":
      return read.field && behindSubject(rowsForms(operatorsOf(read.field, operators), [read.field.type]));
    case "form_number":
      return behindSubject(rowsForms(fields.number ?? [], ["number"]));
    case "form_time":
      return behindSubject(rowsForms(fields.datetime ?? [], ["datetime"]));
    case "form_property":
      return behindSubject(propertyOperators(operators).flatMap((row) => allForms(row, typesOf(row, operators))));
    default: {
      const alone = operators.forms.filter(({ key }) => key === name);
      return alone.length ? plainForms(alone) : ruleForms(name, known);
    }
  }
}

function plainForms(rows: readonly { sentence: string }[]): Form[] {
  return rows.map(({ sentence }) => ({ sentence }));
}

function allForms(row: Operator, types: readonly string[]): Form[] {
  return [row.sentence, ...row.also].map((sentence) => ({ sentence, row, types }));
}

function rowsForms(rows: readonly Operator[], types: readonly string[]): Form[] {
  return rows.flatMap((row) => allForms(row, types));
}

/** What follows the field in forms that begin with it. */
function behindSubject(forms: readonly Form[]): Form[] {
  return forms
    .filter(({ sentence }) => sentence.startsWith("{f} "))
    .map((form) => ({ ...form, sentence: form.sentence.slice("{f} ".length) }));
}

function typesOf(row: Operator, operators: Operators): string[] {
  return PROPERTY_TYPES.filter((type) => operators.fields[type]?.some(({ key }) => key === row.key));
}

/** Where a name can be a property's that goes on after `where`, it is that and nothing else. */
function withoutSwallowed(found: readonly Reading[]): Reading[] {
  const isOfEvent = ({ rest }: Reading) => rest?.part === "{p}" && rest.next?.part === "{form_property}";
  if (!found.some(isOfEvent)) return [...found];
  return found.filter(
    (reading) => isOfEvent(reading) || (reading.rest?.part !== "{f}" && reading.rest?.part !== "{p}"),
  );
}

/** The reading with a token more; none where it can't stand there. */
function after({ rest, read }: Reading, token: Token, known: Known): Reading[] {
  if (!rest) return [];
  if (isPlaceholder(rest.part)) {
    const more = taking(rest, read, token, known);
    return more ? expanded({ rest: rest.next, read: { ...read, ...more, said: undefined } }, known) : [];
  }
  if ((token.kind !== "word" && token.kind !== "sign") || !isSame(token.text, rest.part)) return [];
  const before = read.said?.form === rest.form ? read.said : null;
  const said = before
    ? { ...before, text: `${before.text} ${rest.part}` }
    : { form: rest.form, text: rest.part, from: token.start };
  return expanded({ rest: rest.next, read: { ...read, said } }, known);
}

/** The same word; the server, too, takes `1 time` and `3 times` for one. */
function isSame(one: string, two: string): boolean {
  return one.toLowerCase().replace(/s$/, "") === two.toLowerCase().replace(/s$/, "");
}

/** What a name or value adds to what is known; null where a token is none. */
function taking(rest: Rest, read: Read, token: Token, known: Known): Read | null {
  switch (rest.part) {
    case "{f}": {
      const name = nameIn(token, known);
      const field = known.fields.find((each) => each.name === name && isCounted(each, read));
      return field ? { field } : null;
    }
    case "{p}": {
      const property = nameIn(token, known);
      // Before `of last` any unknown word could be one: those that there are.
      if (property === null || (isLed(rest) && !known.properties.includes(property))) return null;
      return { property };
    }
    case "{e}":
    case "{a}":
    case "{b}":
      return token.kind === "text" ? { event: unquoted(token.text) } : null;
    case "{unit}":
      return unitsOf(read, known).some((unit) => isSame(unit, token.text)) ? {} : null;
    default:
      return isValue(rest.part, read, token) ? { value: token.text } : null;
  }
}

/** Whether a property begins its condition. */
export function isLed(rest: Rest): boolean {
  return rest.next?.part === "of";
}

/** Whether a field can stand there: members are only counted of lists. */
export function isCounted(field: Field, { types }: Read): boolean {
  return !types || types.includes(field.type);
}

function nameIn(token: Token, known: Known): string | null {
  if (token.kind === "name") return unquoted(token.text);
  const isWord = token.kind === "word" && /^[\p{L}_]/u.test(token.text);
  return isWord && !reservedWords(known.operators).has(token.text.toLowerCase()) ? token.text : null;
}

function isValue(part: string, { row, types = ["number"] }: Read, token: Token): boolean {
  if (part === "{n}" || row?.value === "count") return /^\d+$/.test(token.text);
  return types.some((type) => {
    if (type === "number") return NUMBER.test(token.text);
    if (type === "datetime") return DATE.test(token.text);
    if (type === "date") return DATE.test(token.text) && !/t/i.test(token.text);
    return token.kind === "text" && token.text.length > 2;
  });
}
