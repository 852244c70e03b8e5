/** How numbered conditions go together: `(1 and 2) or 3`. The server reads it the same way; here it is edited. */
export type Expression =
  | { kind: "number"; number: number }
  | { kind: "and" | "or"; of: readonly Expression[] }
  | { kind: "not"; of: Expression };

/** What keeps an expression from being read: the characters from `start` to `end`, and why. */
export interface Mark {
  start: number;
  end: number;
  /** A key of the words. */
  reason: "unknown" | "number" | "operand" | "end" | "open" | "unused";
  /** The number that is not there, or that is left out. */
  number?: number;
}

interface Token {
  text: string;
  start: number;
  end: number;
}

const TOKEN = /\s+|\d+|[a-z]+|[()]|./giu;

function tokens(text: string): Token[] {
  return [...text.matchAll(TOKEN)]
    .map((found) => ({ text: found[0].toLowerCase(), start: found.index, end: found.index + found[0].length }))
    .filter(({ text }) => text.trim() !== "");
}

class Unreadable extends Error {
  constructor(readonly mark: Mark) {
    super(mark.reason);
  }
}

/** The expression over `count` conditions, or the first mark. Each condition has to be used. */
export function readExpression(text: string, count: number): { expression: Expression } | { mark: Mark } {
  try {
    const expression = new Reader(tokens(text), text.length, count).read();
    const used = new Set(numbersIn(expression));
    for (let number = 1; number <= count; number++) {
      if (!used.has(number)) return { mark: { start: text.length, end: text.length, reason: "unused", number } };
    }
    return { expression };
  } catch (error) {
    if (error instanceof Unreadable) return { mark: error.mark };
    throw error;
  }
}

class Reader {
  private at = 0;

  constructor(
    private readonly tokens: readonly Token[],
    private readonly length: number,
    private readonly count: number,
  ) {}

  read(): Expression {
    const expression = this.any();
    const rest = this.tokens[this.at];
    if (rest) throw new Unreadable({ ...place(rest), reason: /^\d|^not$|^\($/.test(rest.text) ? "end" : "unknown" });
    return expression;
  }

  private any(): Expression {
    return this.joined("or", () => this.all());
  }

  private all(): Expression {
    return this.joined("and", () => this.one());
  }

  private joined(kind: "and" | "or", part: () => Expression): Expression {
    const of = [part()];
    while (this.tokens[this.at]?.text === kind) {
      this.at++;
      of.push(part());
    }
    return of.length === 1 && of[0] ? of[0] : { kind, of };
  }

  private one(): Expression {
    const token = this.tokens[this.at];
    if (!token) throw new Unreadable({ start: this.length, end: this.length, reason: "operand" });
    this.at++;
    if (token.text === "not") return { kind: "not", of: this.one() };
    if (token.text === "(") return this.inner(token);
    if (!/^\d+$/.test(token.text)) {
      const reason = /^(and|or|\))$/.test(token.text) ? "operand" : "unknown";
      throw new Unreadable({ ...place(token), reason });
    }
    const number = Number(token.text);
    if (number < 1 || number > this.count) throw new Unreadable({ ...place(token), reason: "number", number });
    return { kind: "number", number };
  }

  private inner(open: Token): Expression {
    const expression = this.any();
    if (this.tokens[this.at]?.text !== ")") throw new Unreadable({ ...place(open), reason: "open" });
    this.at++;
    return expression;
  }
}

function place({ start, end }: Token): { start: number; end: number } {
  return { start, end };
}

/** The numbers of an expression in the order of their first appearance, each as often as it stands there. */
export function numbersIn(expression: Expression): number[] {
  if (expression.kind === "number") return [expression.number];
  return expression.kind === "not" ? numbersIn(expression.of) : expression.of.flatMap(numbersIn);
}

const BINDING = { or: 1, and: 2, not: 3, number: 4 } as const;

/** An expression as text, with no more parentheses than it needs. */
export function printExpression(expression: Expression): string {
  if (expression.kind === "number") return String(expression.number);
  const within = (part: Expression) => {
    const text = printExpression(part);
    return BINDING[part.kind] < BINDING[expression.kind] || part.kind === expression.kind ? `(${text})` : text;
  };
  if (expression.kind === "not")
    return `not ${expression.of.kind === "not" ? printExpression(expression.of) : within(expression.of)}`;
  return expression.of.map(within).join(` ${expression.kind} `);
}

/** The expression without a condition, the higher numbers moved down; null when nothing is left. */
export function without(expression: Expression, gone: number): Expression | null {
  if (expression.kind === "number") {
    if (expression.number === gone) return null;
    return { kind: "number", number: expression.number - (expression.number > gone ? 1 : 0) };
  }
  if (expression.kind === "not") {
    const of = without(expression.of, gone);
    return of && { kind: "not", of };
  }
  const of = expression.of.map((part) => without(part, gone)).filter((part) => part !== null);
  if (of.length === 0) return null;
  return of.length === 1 && of[0] ? of[0] : { kind: expression.kind, of };
}

/** Numbers exchanged as `move` says: conditions were put into another order. */
export function renumbered(expression: Expression, move: (number: number) => number): Expression {
  if (expression.kind === "number") return { kind: "number", number: move(expression.number) };
  if (expression.kind === "not") return { kind: "not", of: renumbered(expression.of, move) };
  return { kind: expression.kind, of: expression.of.map((part) => renumbered(part, move)) };
}

export type Match = "all" | "any" | "custom";

/** The expression that joins `count` conditions in one way. */
export function matching(match: "all" | "any", count: number): string {
  return Array.from({ length: count }, (_, at) => at + 1).join(match === "all" ? " and " : " or ");
}

/** Which of the simple ways an expression is, so that the switch shows it. */
export function matchOf(expression: string, count: number): Match {
  const text = expression.trim().toLowerCase().replace(/\s+/g, " ");
  if (count < 2 && (text === "" || text === "1" || text === "everyone")) return "all";
  if (text === matching("all", count)) return "all";
  return text === matching("any", count) ? "any" : "custom";
}
