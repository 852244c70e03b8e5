import { hashKey } from "@tanstack/react-query";
import { useWrite } from "@/api";
import { useSlug } from "@/app/workspace";
import { IMPORT, IMPORTS, type Import } from "../addresses";
import { type Draft, planOf } from "../draft";
import { useTellImport } from "../useImport";

/**
 * Sends the plan of a draft: "kept" when the server had it already, so that its rehearsal stays good, "changed" when it
 * has it now, and false when it was refused.
 */
export function usePlan(source: Import) {
  const slug = useSlug();
  const tell = useTellImport();
  const put = useWrite("put", `${IMPORT}/plan`, { meta: { quiet: true }, refresh: [IMPORTS], onSuccess: tell });
  const save = async (draft: Draft): Promise<"kept" | "changed" | false> => {
    const plan = planOf(draft, source);
    if (source.plan && hashKey([plan]) === hashKey([source.plan])) return "kept";
    try {
      await put.mutateAsync({ params: { path: { slug, import_id: source.id } }, body: plan });
      return "changed";
    } catch {
      return false; // `error` has it
    }
  };
  return { save, error: put.error, isPending: put.isPending };
}
