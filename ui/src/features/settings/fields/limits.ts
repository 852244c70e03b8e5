import type { Schemas } from "@/api";
import { draftOf, rawOf } from "@/features/profile";

type FieldType = Schemas["FieldType"];
type Allowed = Schemas["Allowed"];

/** Which values a field takes, as the form holds it; an empty text says nothing. */
export interface Limits {
  choices: string[];
  maxLength: string;
  atLeast: string;
  atMost: string;
  whole: boolean;
}

export const NO_LIMITS: Limits = { choices: [], maxLength: "", atLeast: "", atMost: "", whole: false };

/** What can be said of values of a type. */
export function offered(type: FieldType): { choices: boolean; maxLength: boolean; bounds: boolean; whole: boolean } {
  return {
    choices: type === "text" || type === "list",
    maxLength: type === "text",
    bounds: type === "number" || type === "date" || type === "datetime",
    whole: type === "number",
  };
}

/** The form's state for what an attribute allows now; times are those of the workspace's clocks. */
export function limitsOf(allowed: Allowed, type: FieldType, zone: string): Limits {
  return {
    choices: [...(allowed.choices ?? [])],
    maxLength: allowed.max_length == null ? "" : String(allowed.max_length),
    atLeast: String(draftOf(allowed.at_least ?? "", type, zone)),
    atMost: String(draftOf(allowed.at_most ?? "", type, zone)),
    whole: allowed.whole ?? false,
  };
}

/** What is sent: only what can be said of the type. What does not fit goes as it is: the server says what is wrong. */
export function allowedOf(limits: Limits, type: FieldType, zone: string): Allowed {
  const may = offered(type);
  const bound = (text: string) => (may.bounds ? (rawOf(text, type, zone) as string | number | null) : null);
  const length = Number(limits.maxLength);
  return {
    choices: may.choices && limits.choices.length > 0 ? limits.choices : null,
    max_length: may.maxLength && limits.maxLength.trim() !== "" && Number.isInteger(length) ? length : null,
    at_least: bound(limits.atLeast),
    at_most: bound(limits.atMost),
    whole: may.whole && limits.whole,
  };
}
