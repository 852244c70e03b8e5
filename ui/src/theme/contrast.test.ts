import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { theme } from ".";

const css = readFileSync("src/theme/tokens.css", "utf8");

/** The colours of one scheme, by token. */
function tokens(scheme: "light" | "dark"): Map<string, string> {
  const block = css.split(`:root[data-mantine-color-scheme="${scheme}"]`)[1]?.split("}")[0] ?? "";
  return new Map([...block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map((found) => [found[1] ?? "", found[2] ?? ""]));
}

function luminance(color: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

const GROUNDS = ["page", "surface", "surface-raised", "surface-sunken", "surface-hover", "surface-selected"];
const TEXT = 4.5;

describe.each(["light", "dark"] as const)("in the %s scheme", (scheme) => {
  const color = (name: string) => {
    const found = tokens(scheme).get(name);
    if (!found) throw new Error(`There is no token --${name}.`);
    return found;
  };

  it.each(["ink", "ink-2", "ink-3", "accent-ink", "bad", "warn", "good"])(
    "--%s can be read on every ground",
    (name) => {
      for (const ground of GROUNDS) expect(contrast(color(name), color(ground)), ground).toBeGreaterThanOrEqual(TEXT);
    },
  );

  it.each(["good", "warn", "bad"])("--%s can be read on its soft ground", (name) => {
    expect(contrast(color(name), color(`${name}-soft`))).toBeGreaterThanOrEqual(TEXT);
  });

  it("the ring around what has the focus can be seen", () => {
    for (const ground of GROUNDS) expect(contrast(color("accent"), color(ground)), ground).toBeGreaterThanOrEqual(3);
  });
});

it.each(["light", "dark"] as const)("white can be read on a button that deletes, in the %s scheme", (scheme) => {
  for (const name of ["bad-fill", "bad-fill-hover"]) {
    expect(contrast("#ffffff", tokens(scheme).get(name) ?? "#ffffff")).toBeGreaterThanOrEqual(TEXT);
  }
});

it("white can be read on a filled button", () => {
  expect(contrast("#ffffff", theme.colors?.iris?.[6] ?? "#ffffff")).toBeGreaterThanOrEqual(TEXT);
});
