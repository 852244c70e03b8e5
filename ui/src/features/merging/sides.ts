import type { TFunction } from "i18next";
import { headOf } from "@/features/profile";
import type { Side } from "./addresses";

const COMPARED = ["email", "phone", "country"] as const;

/** What to call one of two people. */
export function nameOf({ number, ...data }: Side, t: TFunction<"merging">): string {
  return headOf(data, t("person", { number })).name;
}

/** What the two of a suggestion have in common. */
export function sharedOf([one, two]: readonly Side[]): ReadonlySet<keyof Side> {
  return new Set(COMPARED.filter((key) => one?.[key] && one[key].toLowerCase() === two?.[key]?.toLowerCase()));
}
