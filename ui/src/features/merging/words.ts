import type { TFunction } from "i18next";
import type { Merge } from "./addresses";

type T = TFunction<"merging">;

type ReasonKey = "email" | "phone" | "userId" | "anonymousId" | "identity" | "name" | "similar" | "undone";

/** Why two people may be one, as the server says it; what the pattern finds goes into our own words. */
const REASONS: readonly { pattern: RegExp; key: ReasonKey }[] = [
  { pattern: /^same email$/, key: "email" },
  { pattern: /^same phone$/, key: "phone" },
  { pattern: /^same user id$/, key: "userId" },
  { pattern: /^same anonymous id$/, key: "anonymousId" },
  { pattern: /^same (?<kind>.+)$/, key: "identity" },
  { pattern: /^the same name and the same country$/, key: "name" },
  { pattern: /^a similar name and the same country$/, key: "similar" },
  { pattern: /^their merge was undone$/, key: "undone" },
];

/** Why two people may be one, in the reader's language; as the server says it where we have no words. */
export function reasonOf(reason: string, t: T): string {
  return reason
    .split("; ")
    .map((part) => {
      for (const { pattern, key } of REASONS) {
        const found = pattern.exec(part);
        if (found) return t(`reason.${key}`, { kind: found.groups?.kind ?? "" });
      }
      return part;
    })
    .join(" · ");
}

type WhyNotKey = "parted" | "later" | "deleted" | "thin";

/** Why a merge can't be undone, as the server says it. */
const WHY_NOT: readonly { pattern: RegExp; key: WhyNotKey }[] = [
  { pattern: /^Person (?<one>\d+) is not merged into person (?<two>\d+) any more\.$/, key: "parted" },
  { pattern: /^Person (?<one>\d+) was merged into person (?<two>\d+) since: undo that first\.$/, key: "later" },
  { pattern: /^Person (?<one>\d+) was deleted\.$/, key: "deleted" },
  { pattern: /^The journal does not hold enough of it\.$/, key: "thin" },
];

/** Why a merge can't be undone, in the reader's language. */
export function whyNotOf(why: string, t: T): string {
  for (const { pattern, key } of WHY_NOT) {
    const found = pattern.exec(why);
    if (found) return t(`whyNot.${key}`, { one: found.groups?.one ?? "", two: found.groups?.two ?? "" });
  }
  return why;
}

const SOURCES = ["tracking", "import", "flow", "system"] as const;

/** Who or what has merged two people; `author` names members and keys. */
export function mergedBy({ origin, ref }: Pick<Merge, "origin" | "ref">, t: T, author: (by: string) => string): string {
  if (origin === "agent") return author(`user:${ref}`);
  if (origin === "api") return author(`key:${ref}`);
  const known = SOURCES.find((each) => each === origin);
  return known ? t(`journal.by.${known}`) : origin;
}
