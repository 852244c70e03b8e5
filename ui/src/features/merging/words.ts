import type { TFunction } from "i18next";
import type { Merge } from "./addresses";

type T = TFunction<"merging">;

const SOURCES = ["tracking", "import", "flow", "system"] as const;

/** Who or what has merged two people; `author` names members and keys. */
export function mergedBy({ origin, ref }: Pick<Merge, "origin" | "ref">, t: T, author: (by: string) => string): string {
  if (origin === "agent") return author(`user:${ref}`);
  if (origin === "api") return author(`key:${ref}`);
  const known = SOURCES.find((each) => each === origin);
  return known ? t(`journal.by.${known}`) : origin;
}
