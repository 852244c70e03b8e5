import { SegmentedControl, Select } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { read, type Schemas } from "@/api";
import { useSlug } from "@/app/workspace";
import { ErrorState, formatDate, formatNumber, RowsSkeleton } from "@/shared";
import { ChartCard } from "./ChartCard";
import { TimeChart } from "./TimeChart";

const STEPS = ["day", "week", "month", "all"] as const;
type Step = (typeof STEPS)[number];
const FIELDS = ["first_seen", "created_at"] as const;
const MEASURES = ["total", "new"] as const;
// The last one is as many as the server gives: 33 years of months.
const POINTS = { day: 90, week: 52, month: 24, all: 400 } as const;
const FIRST = "month";

/** How a filter's people came, by calendar steps of the workspace's zone. */
export function Growth({ where }: { where?: string | undefined }) {
  const { t } = useTranslation("charts");
  const [chosen, setChosen] = useState<Step | null>(null);
  const [field, setField] = useState<(typeof FIELDS)[number]>("first_seen");
  const [measure, setMeasure] = useState<(typeof MEASURES)[number]>("total");
  const recent = useGrowth(where, field, FIRST, chosen === null);
  // Where next to nobody came of late, the reader wants to know when they did.
  const by = chosen ?? (recent.data && isFlat(recent.data) ? "all" : FIRST);
  const found = useGrowth(where, field, by, true);
  const points = found.data && sinceFirst(found.data.points);
  return (
    <ChartCard
      title={t("growth.title")}
      wide
      text={found.data && points && told({ ...found.data, points }, t)}
      table={
        points
          ? {
              head: [t("growth.start"), t("growth.new"), t("growth.total")],
              rows: points.map((point) => [point.start, point.new, point.total]),
              shown: (cell, column) =>
                column === 0 ? formatDate(midday(String(cell)), "UTC") : formatNumber(Number(cell)),
            }
          : null
      }
      controls={
        <>
          <Select
            size="xs"
            w={140}
            aria-label={t("growth.field")}
            allowDeselect={false}
            data={FIELDS.map((value) => ({ value, label: t(`growth.fields.${value}`) }))}
            value={field}
            onChange={(value) => setField(value === "created_at" ? value : "first_seen")}
          />
          <SegmentedControl
            size="xs"
            aria-label={t("growth.measure")}
            data={MEASURES.map((value) => ({ value, label: t(`growth.${value}`) }))}
            value={measure}
            onChange={setMeasure}
          />
          <SegmentedControl
            size="xs"
            aria-label={t("growth.by")}
            data={STEPS.map((value) => ({ value, label: t(`growth.steps.${value}`) }))}
            value={by}
            onChange={setChosen}
          />
        </>
      }
    >
      {found.isPending && <RowsSkeleton rows={6} />}
      {found.isError && <ErrorState error={found.error} retry={() => void found.refetch()} />}
      {points && (
        <TimeChart
          points={points.map((point) => ({ at: Date.parse(midday(point.start)), value: point[measure] }))}
          name={t(`growth.${measure}`)}
          form={measure === "new" ? "bars" : "line"}
          zone="UTC"
        />
      )}
    </ChartCard>
  );
}

function useGrowth(where: string | undefined, field: (typeof FIELDS)[number], by: Step, enabled: boolean) {
  const slug = useSlug();
  const query = { by: by === "all" ? "month" : by, field, points: POINTS[by], ...(where && { where }) } as const;
  return useQuery({
    ...read("/api/v1/workspaces/{slug}/charts/growth", { params: { path: { slug }, query } }),
    placeholderData: keepPreviousData,
    enabled,
  });
}

/** Whether there were people before, and next to nobody came since: a drawing of it would be a flat line. */
export function isFlat({ before, points }: Pick<Schemas["GrowthOut"], "before" | "points">): boolean {
  return points.reduce((sum, point) => sum + point.new, 0) * 100 < before;
}

/** The points from the step before the first person on; all of them where nobody ever came. */
export function sinceFirst<P extends { total: number }>(points: readonly P[]): P[] {
  return points.slice(Math.max(0, points.findIndex(({ total }) => total > 0) - 1));
}

/** A day of the workspace's calendar as an instant that is that day in every reading of UTC. */
function midday(day: string): string {
  return `${day}T12:00:00Z`;
}

type Words = ReturnType<typeof useTranslation<"charts">>["t"];

function told(found: Schemas["GrowthOut"], t: Words): string {
  const start = found.points[0]?.start;
  const came = found.points.reduce((sum, point) => sum + point.new, 0);
  const parts: (string | undefined)[] = [
    start && t("growth.newIn", { number: formatNumber(came), date: formatDate(midday(start), "UTC") }),
  ];
  if (found.before) parts.push(t("growth.before", { number: formatNumber(found.before) }));
  if (found.later) parts.push(t("growth.later", { number: formatNumber(found.later) }));
  if (found.no_value) parts.push(t("growth.noTime", { number: formatNumber(found.no_value) }));
  return parts.filter(Boolean).join(" · ");
}
