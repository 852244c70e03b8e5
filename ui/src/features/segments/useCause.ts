import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useFields } from "@/app/workspace";
import { useNames } from "@/shared/authors";
import { causeInWords } from "./causes";
import { useSegments } from "./data";

/** Says why someone entered or left, with the workspace's own names. */
export function useCause(): (cause: string, ref: string) => string {
  const { t } = useTranslation("segments");
  const fields = useFields();
  const segments = useSegments().data?.items;
  const author = useNames();
  const labels = useMemo(() => new Map(fields.map(({ name, label }) => [name, label])), [fields]);
  const names = useMemo(() => new Map(segments?.map(({ id, name }) => [id, name])), [segments]);
  return (cause, ref) => causeInWords(cause, ref, { t, fields: labels, segments: names, author });
}
