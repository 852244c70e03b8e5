import { Select } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { read, type Schemas } from "@/api";
import { useFields, useWorkspace } from "@/app/workspace";
import { ErrorState, formatDate, formatNumber, formatTime, RowsSkeleton } from "@/shared";
import { type Bar, BarTable } from "./BarTable";
import { ChartCard, type ChartTable } from "./ChartCard";
import cardClasses from "./ChartCard.module.css";
import { hasNone, hasValue, narrowed } from "./where";

interface BreakdownProps {
  where?: string | undefined;
  /** The field to begin with. */
  first?: string;
  wide?: boolean;
  /** What it is called where "Breakdown" says too little. */
  title?: string;
}

/** A filter's people by the values of a field of the reader's choice. */
export function Breakdown({ where, first = "city", wide = false, title }: BreakdownProps) {
  const { t } = useTranslation("charts");
  const heading = title ?? t("breakdown.title");
  const { slug, timezone } = useWorkspace();
  const fields = useFields();
  const [field, setField] = useState(first);
  const query = { limit: 20, ...(where && { where }) };
  const found = useQuery({
    ...read("/api/v1/workspaces/{slug}/charts/breakdown/{field}", { params: { path: { slug, field }, query } }),
    placeholderData: keepPreviousData,
  });
  const label = fields.find((each) => each.name === field)?.label ?? field;
  const bars = found.data ? barsOf(found.data, { where, zone: timezone, t }) : [];
  return (
    <ChartCard
      title={heading}
      wide={wide}
      isTable
      table={bars.length ? tableOf(bars, [label, t("people")]) : null}
      controls={
        <Select
          size="xs"
          searchable
          aria-label={t("breakdown.field")}
          data={byGroup(fields)}
          value={field}
          allowDeselect={false}
          onChange={(value) => value && setField(value)}
        />
      }
    >
      {found.isPending && <RowsSkeleton rows={5} />}
      {found.isError && <ErrorState error={found.error} retry={() => void found.refetch()} />}
      {found.data && bars.length === 0 && <p className={cardClasses.text}>{t("card.empty")}</p>}
      {found.data && bars.length > 0 && (
        <BarTable bars={bars} total={found.data.total} head={label} label={`${heading}: ${label}`} />
      )}
      {found.data?.other === null && <p className={cardClasses.note}>{t("overlapping")}</p>}
    </ChartCard>
  );
}

type Words = (key: "yes" | "no" | "other" | "noValue") => string;

interface Told {
  where: string | undefined;
  /** The workspace's: times are shown by its clock. */
  zone: string;
  t: Words;
}

/** The bars of a breakdown: its values, then the rest, then those without one. */
export function barsOf(found: Schemas["BreakdownOut"], { where, zone, t }: Told): Bar[] {
  const type = found.type as Schemas["FieldType"];
  const bars: Bar[] = found.values.map(({ value, count }) => {
    const condition = hasValue(found.field, type, value);
    const label = labelOf(type, value, { zone, t });
    return { key: `value ${String(value)}`, label, count, where: condition && narrowed(where, condition) };
  });
  if (found.other) bars.push({ key: "other", label: t("other"), count: found.other, quiet: true });
  if (found.no_value) {
    const none = narrowed(where, hasNone(found.field));
    bars.push({ key: "none", label: t("noValue"), count: found.no_value, where: none, quiet: true });
  }
  return bars;
}

function labelOf(type: Schemas["FieldType"], value: unknown, { zone, t }: Pick<Told, "zone" | "t">): string {
  if (typeof value === "boolean") return t(value ? "yes" : "no");
  if (typeof value === "number") return formatNumber(value, { maximumFractionDigits: 6 });
  if (type === "date") return formatDate(`${String(value)}T12:00:00Z`, "UTC");
  if (type === "datetime") return formatTime(String(value), zone);
  return String(value);
}

/** The figures of bars, for a file. */
export function tableOf(bars: readonly Bar[], head: readonly string[]): ChartTable {
  return { head, rows: bars.map((bar) => [bar.label, bar.count]) };
}

function byGroup(fields: readonly Schemas["FieldOut"][]) {
  const groups = new Map<string, { value: string; label: string }[]>();
  for (const { name, label, group } of fields) {
    const items = groups.get(group) ?? [];
    items.push({ value: name, label });
    groups.set(group, items);
  }
  return [...groups].map(([group, items]) => ({ group, items }));
}
