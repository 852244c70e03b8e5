import { ApiError } from "@/api";
import { currentLanguage, i18n, PROBLEMS, REASONS, REGISTER } from "@/i18n";

type Details = Readonly<Record<string, unknown>>;

/** A reason as the server tells it: its English text, and what it is made of. */
export interface Reason {
  reason: string;
  code?: string;
  details?: Details;
}

/** An error as the server tells it: in an answer, or as why a job failed. */
export interface Problem {
  code: string;
  message: string;
  details?: Details;
}

/** The sentence to show for an error: ours by its code where we have one, else the server's. */
export function messageOf(error: unknown): string {
  return error instanceof ApiError ? problemText(error) : i18n.t("problem.crash");
}

/** The sentence to show for what the server tells of an error, as for one that was caught. */
export function problemText({ code, message: told, details = {} }: Problem): string {
  // Codes are the server's, and more than we have words for.
  const ours = i18n.t(`errors.${code}` as "errors.offline", { defaultValue: "" });
  const message = isReason(details.reason) ? reasonText(details.reason) : told;
  return ours || inWords(PROBLEMS, code, { ...details, message }) || message || i18n.t("problem.title");
}

/** Why something was not taken or not done: ours by the code where we have one, else the server's text. */
export function reasonText({ reason, code = "", details = {} }: Reason): string {
  return inWords(REASONS, code, details) || reason;
}

/** What the register says of a table or a kind of file: ours by its name where we have words, else the server's. */
export function registerText(name: string, text: string): string {
  const words: Readonly<Record<string, string>> | undefined = i18n.getResourceBundle(currentLanguage(), REGISTER);
  return (text && words?.[name]) || text;
}

/** The reasons in an error's details, each with the field that it is about. */
export function reasonsIn(error: unknown): { field: string; reason: Reason }[] {
  const found = error instanceof ApiError ? error.details.reasons : undefined;
  if (!Array.isArray(found)) return [];
  return found.filter(isReason).flatMap(({ details = {} }) => {
    const { field, reason } = details;
    return typeof field === "string" && isReason(reason) ? [{ field, reason }] : [];
  });
}

/** The words of a code in the reader's language, with its details; "" where they can't say all that there is. */
function inWords(namespace: string, code: string, details: Details): string {
  const words: unknown = i18n.getResource(currentLanguage(), namespace, code);
  if (typeof words !== "string") return "";
  let whole = true;
  const text = words.replace(/{{(\w+)}}/g, (_, name: string) => {
    const value = shown(details[name], name === "reasons" ? "; " : ", ");
    whole &&= value !== "";
    return value;
  });
  return whole ? text : "";
}

function shown(value: unknown, between: string): string {
  const all = [value]
    .flat()
    .map((each) => (isReason(each) ? reasonText(each) : isProblem(each) ? problemText(each) : each));
  return all.filter((each) => typeof each === "string" || typeof each === "number").join(between);
}

function isReason(value: unknown): value is Reason {
  return typeof value === "object" && value !== null && "reason" in value && typeof value.reason === "string";
}

function isProblem(value: unknown): value is Problem {
  return typeof value === "object" && value !== null && "code" in value && "message" in value;
}
