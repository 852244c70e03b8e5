import { ApiError } from "@/api";
import { currentLanguage, i18n, PROBLEMS } from "@/i18n";

/** The sentence to show for an error: ours by its code where we have one, else the server's. */
export function messageOf(error: unknown): string {
  if (!(error instanceof ApiError)) return i18n.t("problem.crash");
  // Codes are the server's, and more than we have words for.
  const ours = i18n.t(`errors.${error.code}` as "errors.offline", { defaultValue: "" });
  return ours || inWords(error) || error.message || i18n.t("problem.title");
}

/** The server's sentence in the reader's language, with its details; "" where that can't say all that it says. */
function inWords({ code, details, message }: ApiError): string {
  const words: unknown = i18n.getResource(currentLanguage(), PROBLEMS, code);
  if (typeof words !== "string") return "";
  const known: Record<string, unknown> = { ...details, message };
  let whole = true;
  const text = words.replace(/{{(\w+)}}/g, (_, name: string) => {
    const value = [known[name]].flat().filter((each) => typeof each === "string" || typeof each === "number");
    whole &&= value.length > 0;
    return value.join(", ");
  });
  return whole ? text : "";
}
