import { Select } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { type CSSProperties, useState } from "react";
import { useTranslation } from "react-i18next";
import { read } from "@/api";
import { useSlug, useWorkspace } from "@/app/workspace";
import { currentLanguage } from "@/i18n";
import { ErrorState, formatNumber, RowsSkeleton } from "@/shared";
import classes from "./Activity.module.css";
import { ChartCard, type ChartTable } from "./ChartCard";
import cardClasses from "./ChartCard.module.css";

const ALWAYS = 20_000;
const PERIODS = [7, 28, 90, 365, ALWAYS] as const;
const FIRST = 28;
const HOURS = Array.from({ length: 24 }, (_, hour) => hour);

/** When a filter's people did something: a field of weekdays and hours, darker where there were more events. */
export function Activity({ where }: { where?: string | undefined }) {
  const { t } = useTranslation("charts");
  const { timezone } = useWorkspace();
  const [chosen, setChosen] = useState<number | null>(null);
  const recent = useHours(where, FIRST, chosen === null);
  // Where nothing happened of late, the reader wants to know when it did.
  const days = chosen ?? (recent.data?.total === 0 ? ALWAYS : FIRST);
  const found = useHours(where, days, true);
  const weekdays = weekdayNames(currentLanguage());
  const table: ChartTable | null = found.data
    ? {
        head: [t("activity.weekday"), ...HOURS.map(hourName)],
        rows: found.data.hours.map((row, day) => [weekdays[day] ?? "", ...row]),
      }
    : null;
  const total = found.data?.total ?? 0;
  return (
    <ChartCard
      title={t("activity.title")}
      wide
      isTable
      table={table}
      text={
        found.data &&
        `${t("activity.total", { count: total, number: formatNumber(total) })} · ${t("activity.zone", { zone: timezone })}`
      }
      controls={
        <Select
          size="xs"
          w={150}
          aria-label={t("activity.days")}
          allowDeselect={false}
          data={PERIODS.map((each) => ({
            value: String(each),
            label: each === ALWAYS ? t("activity.always") : t("activity.lastDays", { count: each }),
          }))}
          value={String(days)}
          onChange={(value) => value && setChosen(Number(value))}
        />
      }
    >
      {found.isPending && <RowsSkeleton rows={7} />}
      {found.isError && <ErrorState error={found.error} retry={() => void found.refetch()} />}
      {found.data && total === 0 && <p className={cardClasses.text}>{t("activity.none")}</p>}
      {found.data && total > 0 && <HeatMap hours={found.data.hours} weekdays={weekdays} label={t("activity.title")} />}
    </ChartCard>
  );
}

function useHours(where: string | undefined, days: number, enabled: boolean) {
  const slug = useSlug();
  return useQuery({
    ...read("/api/v1/workspaces/{slug}/charts/activity", {
      params: { path: { slug }, query: { days, ...(where && { where }) } },
    }),
    placeholderData: keepPreviousData,
    enabled,
  });
}

interface HeatMapProps {
  hours: readonly (readonly number[])[];
  weekdays: readonly string[];
  label: string;
}

function HeatMap({ hours, weekdays, label }: HeatMapProps) {
  const { t } = useTranslation("charts");
  const most = Math.max(1, ...hours.flat());
  return (
    <>
      <div className={classes.scroll}>
        <table className={classes.map} aria-label={label}>
          <thead>
            <tr>
              <td />
              {HOURS.map((hour) => (
                <th key={hour} scope="col" aria-label={hourName(hour)}>
                  {hour % 3 === 0 ? hourName(hour) : ""}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {hours.map((row, day) => (
              <tr key={weekdays[day]}>
                <th scope="row">{weekdays[day]}</th>
                {HOURS.map((hour) => {
                  const count = row[hour] ?? 0;
                  const number = formatNumber(count);
                  return (
                    <td
                      key={hour}
                      style={{ "--heat": `${Math.round(heat(count, most) * 100)}%` } as CSSProperties}
                      title={t("activity.cell", { weekday: weekdays[day] ?? "", hour: hourName(hour), number })}
                    >
                      <span className="unseen">{number}</span>
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div className={classes.legend} aria-hidden="true">
        {t("activity.less")}
        {[0, 0.25, 0.5, 0.75, 1].map((step) => (
          <span key={step} style={{ "--heat": `${step * 100}%` } as CSSProperties} />
        ))}
        {t("activity.more")}
      </div>
    </>
  );
}

/** How dark a cell is, from 0 to 1; any event at all can be told from none. */
export function heat(count: number, most: number): number {
  return count ? 0.12 + 0.88 * (count / most) : 0;
}

function hourName(hour: number): string {
  return `${String(hour).padStart(2, "0")}:00`;
}

function weekdayNames(language: string): string[] {
  const format = new Intl.DateTimeFormat(language, { weekday: "short", timeZone: "UTC" });
  // 5 January 2026 is a Monday.
  return Array.from({ length: 7 }, (_, day) => format.format(Date.UTC(2026, 0, 5 + day)));
}
