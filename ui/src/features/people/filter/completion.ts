import { fieldName, quoted } from "@/shared/sentences";
import type { Field, Operators } from "./conditions";
import { operatorsOf } from "./conditions";

export interface Option {
  /** What is shown. */
  label: string;
  /** What is written instead of the text from `from` to `to`. */
  insert: string;
  from: number;
  to: number;
  kind: "field" | "operator" | "value" | "event" | "segment" | "word";
  /** Beside the label: the field's own name, how many people have the value. */
  note?: string;
}

/** Values are the server's to know: whose, and what has been typed of one. */
export interface Wanted {
  field: Field;
  search: string;
  from: number;
  to: number;
}

export interface Known {
  fields: readonly Field[];
  operators: Operators;
  segments: readonly string[];
  events: readonly string[];
}

interface Token {
  text: string;
  start: number;
  end: number;
  kind: "word" | "text" | "name" | "sign";
  /** A quote that has no end yet. */
  open: boolean;
}

const TOKEN = /"(?:[^"\\]|\\.)*("|$)|`(?:[^`\\]|\\.)*(`|$)|[<>!]=?|[=(),]|[^\s"`<>=!(),]+/gsu;

/** A sentence in its parts, as far as completion has to know them. */
export function tokensOf(text: string): Token[] {
  return [...text.matchAll(TOKEN)].map((found) => {
    const first = found[0][0];
    const kind = first === '"' ? "text" : first === "`" ? "name" : /^[<>=!(),]/.test(found[0]) ? "sign" : "word";
    const open = (kind === "text" && found[1] === "") || (kind === "name" && found[2] === "");
    return { text: found[0], start: found.index, end: found.index + found[0].length, kind, open };
  });
}

type State =
  | { at: "subject" }
  | { at: "operator"; field: Field; said: string; from: number }
  | { at: "list"; field: Field | null }
  | { at: "event" | "segment" | "segments" | "joined" | "unknown" };

function unquoted(text: string): string {
  return text.slice(1, text.length > 1 && text.endsWith(text[0] ?? "") ? -1 : undefined).replace(/\\(.)/gs, "$1");
}

/** The words of an operator after the field, such as "is one of"; null for forms that do not begin with the field. */
function phraseOf(sentence: string): string | null {
  return sentence.startsWith("{f} ") ? (sentence.slice(4).split(" {")[0] ?? "") : null;
}

function next(state: State, token: Token, known: Known): State {
  const word = token.kind === "word" ? token.text.toLowerCase() : "";
  switch (state.at) {
    case "subject":
      return afterSubject(token, word, known);
    case "operator":
      return afterOperator(state, token, word, known);
    case "list":
      return token.text === ")" ? { at: "joined" } : state;
    case "event":
      return token.kind === "text" ? { at: "joined" } : state;
    case "segment":
      return token.kind === "text" ? { at: "joined" } : word === "of" ? { at: "segments" } : state;
    case "segments":
      return token.text === ")" ? { at: "joined" } : state;
    case "unknown":
      if (word === "over") return { at: "event" };
      return word === "and" || word === "or" ? { at: "subject" } : state;
    default:
      return word === "and" || word === "or" || word === "not" ? { at: "subject" } : state;
  }
}

function afterSubject(token: Token, word: string, known: Known): State {
  if (word === "did" || word === "first" || word === "last" || word === "over") return { at: "event" };
  if (word === "in" || word === "segment" || word === "segments") return { at: "segment" };
  const name = token.kind === "name" ? unquoted(token.text) : token.text;
  const field = known.fields.find((each) => each.name === name || (token.kind === "word" && each.name === word));
  if (field && (token.kind === "word" || token.kind === "name")) {
    return { at: "operator", field, said: "", from: token.end };
  }
  if (word === "everyone" || word === "nobody") return { at: "joined" };
  // A name that there is not: what comes behind it is nothing to propose for.
  const named = token.kind === "name" || token.kind === "text" || (token.kind === "word" && !LEADING.has(word));
  return { at: named ? "unknown" : "subject" };
}

// Words that stand before what a condition is about.
const LEADING = new Set(["not", "sum", "average", "minimum", "maximum", "distinct", "count", "of"]);

function afterOperator(state: State & { at: "operator" }, token: Token, word: string, known: Known): State {
  if (token.text === "(") return { at: "list", field: state.field };
  if (token.kind === "text" || /^[\d-]/.test(token.text)) return { at: "joined" };
  if ((word === "and" || word === "or") && !/between\b/.test(state.said)) return { at: "subject" };
  const said = state.said ? `${state.said} ${token.text.toLowerCase()}` : token.text.toLowerCase();
  const from = state.said ? state.from : token.start;
  const phrases = operatorsOf(state.field, known.operators).map(({ sentence }) => phraseOf(sentence));
  const done = operatorsOf(state.field, known.operators).some(
    (row) => row.value === "none" && phraseOf(row.sentence) === said,
  );
  const goesOn = phrases.some((phrase) => phrase?.startsWith(`${said} `));
  return done && !goesOn ? { at: "joined" } : { ...state, said, from };
}

/** What could stand at the caret: options, and whose values to ask the server for. */
export function complete(text: string, caret: number, known: Known): { options: Option[]; wanted: Wanted | null } {
  const before = tokensOf(text.slice(0, caret));
  const last = before.at(-1);
  const partial = last && last.end === caret && (last.kind === "word" || last.open) ? before.pop() : undefined;
  let state: State = { at: "subject" };
  for (const token of before) state = next(state, token, known);
  const typed = partial ? (partial.kind === "word" ? partial.text : unquoted(partial.text)) : "";
  const from = partial?.start ?? caret;
  return offers(state, { typed, from, to: caret, known });
}

interface Spot {
  typed: string;
  from: number;
  to: number;
  known: Known;
}

function offers(state: State, spot: Spot): { options: Option[]; wanted: Wanted | null } {
  const { typed, from, to, known } = spot;
  const listed = (kind: Option["kind"], names: readonly string[]) =>
    names.filter((name) => has(name, typed)).map((name) => ({ label: name, insert: quoted(name), from, to, kind }));
  switch (state.at) {
    case "subject":
      return { options: subjects(spot), wanted: null };
    case "operator":
      return afterField(state, spot);
    case "list":
      return { options: [], wanted: state.field && { field: state.field, search: typed, from, to } };
    case "event":
      return { options: listed("event", known.events), wanted: null };
    case "segment":
    case "segments":
      return { options: listed("segment", known.segments), wanted: null };
    case "unknown":
      return { options: [], wanted: null };
    default:
      return { options: words(["and", "or"], spot), wanted: null };
  }
}

function subjects(spot: Spot): Option[] {
  const { typed, from, to, known } = spot;
  const fields = known.fields
    .filter(({ name, label }) => has(name, typed) || has(label, typed))
    .sort((one, two) => Number(starts(two, typed)) - Number(starts(one, typed)))
    .map(({ name, label }): Option => {
      const insert = /^[a-z_][a-z0-9_]*$/i.test(name) ? name : fieldName(name);
      return { label, insert, from, to, kind: "field", note: name };
    });
  return [...fields, ...words(["did", "did not do", "in segment", "not in segment", "not"], spot)];
}

function afterField(state: State & { at: "operator" }, spot: Spot): { options: Option[]; wanted: Wanted | null } {
  const { typed, from, to, known } = spot;
  const rows = operatorsOf(state.field, known.operators);
  const said = [state.said, typed.toLowerCase()].filter(Boolean).join(" ");
  const start = state.said ? state.from : from;
  const options = rows.flatMap((row): Option[] => {
    const phrase = phraseOf(row.sentence);
    if (phrase === null || !phrase.startsWith(said) || phrase === state.said) return [];
    return [{ label: phrase, insert: phrase, from: start, to, kind: "operator" }];
  });
  const takes = rows.find((row) => phraseOf(row.sentence) === state.said);
  const valued = takes && (takes.value === "one" || takes.value === "many") && /text|list/.test(state.field.type);
  return { options, wanted: valued ? { field: state.field, search: typed, from, to } : null };
}

function words(all: readonly string[], { typed, from, to }: Spot): Option[] {
  return all
    .filter((word) => word.startsWith(typed.toLowerCase()) && word !== typed.toLowerCase())
    .map((word) => ({ label: word, insert: word, from, to, kind: "word" as const }));
}

function has(text: string, part: string): boolean {
  return text.toLowerCase().includes(part.toLowerCase());
}

function starts({ name, label }: Field, part: string): boolean {
  return name.toLowerCase().startsWith(part.toLowerCase()) || label.toLowerCase().startsWith(part.toLowerCase());
}

/** The text with an option taken, and where the caret goes. */
export function taken(text: string, option: Option): { text: string; caret: number } {
  const after = text.slice(option.to);
  const insert = after.startsWith(" ") || after.startsWith(")") ? option.insert : `${option.insert} `;
  return { text: text.slice(0, option.from) + insert + after, caret: option.from + insert.length };
}

/** Where a problem that names a line and a column (from 1) stands in the text. */
export function offsetOf(text: string, line: number, column: number): number {
  const lines = text.split("\n");
  const before = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
  return Math.min(text.length, before + column - 1);
}
