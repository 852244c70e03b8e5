import type { useTranslation } from "react-i18next";
import { reasonText } from "@/shared";

type Words = ReturnType<typeof useTranslation<"segments">>["t"];

interface Known {
  t: Words;
  /** Labels of fields by name. */
  fields: ReadonlyMap<string, string>;
  /** Names of segments by id. */
  segments: ReadonlyMap<string, string>;
  author: (by: string) => string | null;
}

/** Why someone entered or left a segment, as people say it; empty where nothing is known. */
export function causeInWords(cause: string, ref: string, { t, fields, segments, author }: Known): string {
  const labels = (names: string) =>
    names
      .split(",")
      .map((name) => fields.get(name.trim()) ?? name.trim())
      .join(", ");
  const person = author(ref);
  switch (cause) {
    case "":
      return "";
    case "event": {
      const [events = "", names] = ref.split("; ");
      return names
        ? t("cause.eventAndField", { event: events, field: labels(names) })
        : t("cause.event", { event: ref });
    }
    case "field":
      return t("cause.field", { field: labels(ref) });
    case "clock":
    case "retention":
      return t(`cause.${cause}`);
    case "merge":
      return t("cause.merge", { number: ref });
    case "unmerge":
      return t("cause.unmerge", { number: ref });
    case "deleted":
      return t("cause.deleted");
    case "definition":
      // What broke a segment before it had a code.
      return /^\d+$/.test(ref) ? t("cause.definition", { revision: ref }) : t("cause.broken", { reason: ref });
    case "broken": {
      const [, code = "", reason = ref] = /^(\w+): (.*)$/s.exec(ref) ?? [];
      return t("cause.broken", { reason: reasonText({ reason, code }) });
    }
    case "segment":
      return t("cause.segment", { name: segments.get(ref) ?? t("cause.unseen") });
    case "hand":
      return person ? t("cause.handBy", { name: person }) : t("cause.hand");
    case "filter":
      return person ? t("cause.filterBy", { name: person }) : t("cause.filter");
    case "copy":
      return t("cause.copy");
    case "import":
      return t("cause.import");
    case "api":
    case "agent":
    case "tracking":
    case "flow":
    case "system":
      return t(`cause.${cause}`);
    default:
      return ref ? `${cause}: ${ref}` : cause;
  }
}
