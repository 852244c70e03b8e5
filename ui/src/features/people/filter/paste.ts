/** The values of a pasted text: one a line, or separated by tabs, semicolons or commas; quotes round one are taken off. */
export function pastedValues(text: string): string[] {
  const separator = /[\n\r]/.test(text.trim())
    ? /[\n\r\t]+/
    : text.includes("\t")
      ? /\t/
      : text.includes(";")
        ? /;/
        : /,/;
  const values = text.split(separator).map((part) =>
    part
      .trim()
      .replace(/^"(.*)"$/s, "$1")
      .replace(/[,;]$/, ""),
  );
  return [...new Set(values.filter((value) => value !== ""))];
}

// What people write as a number: not hexadecimal, not with an exponent, nothing that is infinite.
const PLAIN = /^[+-]?(\d{1,300}(\.\d*)?|\.\d+)$/;

/** Those that read exactly as numbers, and those that do not. */
export function asNumbers(values: readonly string[]): { numbers: number[]; others: string[] } {
  const numbers: number[] = [];
  const others: string[] = [];
  for (const value of values) {
    if (PLAIN.test(value.trim())) numbers.push(Number(value));
    else others.push(value);
  }
  return { numbers, others };
}
