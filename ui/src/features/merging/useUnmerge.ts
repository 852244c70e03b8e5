import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useWrite } from "@/api";
import { useFields, useSlug } from "@/app/workspace";
import { notifyDone } from "@/shared";
import { MERGES, STALE, type Unmerged } from "./addresses";

interface UnmergeOptions {
  /** Shows what could not be told apart; without it a toast names it. */
  onPartly?: (done: Unmerged) => void;
  onDone?: () => void;
}

/** Undoes a merge of the journal and says that it is done, also when whoever asked for it is no longer shown. */
export function useUnmerge({ onPartly, onDone }: UnmergeOptions = {}) {
  const { t } = useTranslation("merging");
  const slug = useSlug();
  const navigate = useNavigate();
  const labels = new Map(useFields().map(({ name, label }) => [name, label]));
  const unmerge = useWrite("post", `${MERGES}/{merge}/unmerge`, {
    refresh: STALE,
    onSuccess: (done) => {
      const { survivor, merged, conflicts, held } = done;
      if (!conflicts.length && !held.length) {
        const numbered = (number: number) => t("numbered", { number });
        notifyDone(t("undo.done", { survivor: numbered(survivor), merged: numbered(merged) }));
        onDone?.();
      } else if (onPartly) {
        onPartly(done);
      } else {
        const what = [...conflicts.map(({ field }) => labels.get(field) ?? field), ...held.map(({ value }) => value)];
        const run = () => void navigate({ to: "/w/$slug/duplicates", params: { slug }, search: { show: "merges" } });
        notifyDone(t("undo.partly", { what: what.join(", ") }), { action: { label: t("undo.journal"), run } });
      }
    },
  });
  return {
    undo: (merge: number) => unmerge.mutate({ params: { path: { slug, merge } } }),
    isPending: unmerge.isPending,
  };
}
