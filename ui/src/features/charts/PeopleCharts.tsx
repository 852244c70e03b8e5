import { lazy, Suspense } from "react";
import { RowsSkeleton } from "@/shared";

const Panel = lazy(() => import("./PeopleChartsPanel"));

/** The charts of a filter's people; without `where`, of everyone. Loads itself when it is first shown. */
export function PeopleCharts({ where }: { where?: string | undefined }) {
  return (
    <Suspense fallback={<RowsSkeleton />}>
      <Panel where={where} />
    </Suspense>
  );
}
