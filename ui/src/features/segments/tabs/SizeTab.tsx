import { SegmentedControl } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { read, type Schemas } from "@/api";
import { useWorkspace } from "@/app/workspace";
import { ChartCard, TimeChart } from "@/features/charts";
import { ErrorState, formatNumber, formatTime, RowsSkeleton } from "@/shared";
import { HISTORY } from "../addresses";
import { pointsOf } from "../sizes";
import classes from "./tabs.module.css";

const HOUR = 3_600_000;
const RANGES = { day: 24 * HOUR, week: 7 * 24 * HOUR, month: 30 * 24 * HOUR, all: null } as const;
type Range = keyof typeof RANGES;

/** What is shown at first: of a segment that is younger than a week, all there is. */
function firstRange(made: string): Range {
  return Date.now() - Date.parse(made) < RANGES.week ? "all" : "week";
}

/** How large a segment was over time, with the figures as a table. */
export default function SizeTab({ segment }: { segment: Schemas["SegmentDetail"] }) {
  const { t } = useTranslation("segments");
  const { slug, timezone } = useWorkspace();
  const [range, setRange] = useState<Range>(() => firstRange(segment.created_at));
  const span = RANGES[range];
  // To the minute, and fixed while the range stays: each other instant would be another answer.
  const since = useMemo(() => (span ? Math.floor((Date.now() - span) / 60_000) * 60_000 : null), [span]);
  const query = { limit: 1, ...(since && { since: new Date(since).toISOString() }) };
  const history = useQuery({
    ...read(HISTORY, { params: { path: { slug, segment: segment.id }, query } }),
    placeholderData: keepPreviousData,
  });
  const sizes = history.data?.sizes ?? [];
  const points = pointsOf(sizes, { now: Date.now(), size: segment.size, since });
  const number = (value: number) => formatNumber(value);
  return (
    <div className={classes.padded}>
      <ChartCard
        title={t("tabs.size")}
        wide
        text={
          history.data &&
          t("size.text", {
            now: number(segment.size),
            entered: number(history.data.entered),
            left: number(history.data.left),
          })
        }
        controls={
          <SegmentedControl
            size="xs"
            aria-label={t("size.range")}
            data={(Object.keys(RANGES) as Range[]).map((value) => ({ value, label: t(`size.ranges.${value}`) }))}
            value={range}
            onChange={setRange}
          />
        }
        table={
          history.data
            ? {
                head: [t("size.at"), t("size.people"), t("size.entered"), t("size.left")],
                rows: sizes.map((point) => [point.at, point.size, point.entered, point.left]),
                shown: (cell, column) =>
                  column === 0 ? formatTime(String(cell), timezone) : formatNumber(Number(cell)),
              }
            : null
        }
      >
        {history.isPending && <RowsSkeleton rows={6} />}
        {history.isError && <ErrorState error={history.error} retry={() => void history.refetch()} />}
        {history.data && points.length > 1 && (
          <TimeChart points={points} name={t("size.people")} form="steps" precise zone={timezone} />
        )}
        {history.data && sizes.length === 0 && <p className={classes.note}>{t("size.empty")}</p>}
      </ChartCard>
    </div>
  );
}
