/** A cell of a table; null where there is none. */
export type Cell = string | number | null;

/** Rows as CSV (RFC 4180). Texts that a spreadsheet would take for a formula begin with an apostrophe. */
export function toCsv(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return `${[head, ...rows].map((row) => row.map(cellText).join(",")).join("\r\n")}\r\n`;
}

// As kit/formulas.py has it, with the reasons; one table of cases tests both.
// biome-ignore lint/suspicious/noControlCharactersInRegex: some programs drop them before they look at the first sign
const DANGEROUS = /^'*(?:[\t\r\n]|[\s\x00-\x20\x7f-\xa0\ufeff\u200b-\u200f\u2028-\u202e\u2060]*[=+\-@|%＝＋－＠｜％])/u;
const NUMBER = /^[+-]?\d+(?:\.\d+)?$/;

/** The text as a cell that no spreadsheet takes for a formula. */
export function harmless(text: string): string {
  return DANGEROUS.test(text) && !NUMBER.test(text) ? `'${text}` : text;
}

function cellText(cell: Cell): string {
  if (cell === null) return "";
  if (typeof cell === "number") return String(cell);
  const safe = harmless(cell);
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Offers a table as a file; the mark at its start tells spreadsheets that it is UTF-8. */
export function downloadCsv(name: string, head: readonly string[], rows: readonly (readonly Cell[])[]): void {
  const url = URL.createObjectURL(new Blob(["\ufeff", toCsv(head, rows)], { type: "text/csv;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = `${name.replace(/[^\p{L}\p{N} _-]+/gu, " ").trim() || "coterie"}.csv`;
  link.click();
  URL.revokeObjectURL(url);
}
