import type { Schemas } from "@/api";
import { fieldName, quoted } from "@/shared/sentences";

type FieldType = Schemas["FieldType"];

/** Those of a filter who meet a condition too; without a filter, all who meet it. */
export function narrowed(where: string | undefined, condition: string): string {
  return where ? `(${where}) and ${condition}` : condition;
}

/** The condition that a field has exactly this value; null where the language has none for it. */
export function hasValue(field: string, type: FieldType, value: unknown): string | null {
  const name = fieldName(field);
  switch (type) {
    case "text":
      return `${name} is ${quoted(String(value))}`;
    case "list":
      return `${name} has any of (${quoted(String(value))})`;
    case "boolean":
      return `${name} is ${value === true ? "true" : "false"}`;
    case "number":
      // The language has no exponents.
      return typeof value === "number" && !String(value).includes("e") ? `${name} = ${value}` : null;
    case "date":
      return `${name} on ${String(value)}`;
    default:
      return null;
  }
}

/** The condition that a field has no value. */
export function hasNone(field: string): string {
  return `${fieldName(field)} is unknown`;
}
