import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { read, type Schemas } from "@/api";
import { useSlug } from "@/app/workspace";
import { currentLanguage } from "@/i18n";
import { ErrorState, RowsSkeleton } from "@/shared";
import { type Bar, BarTable } from "./BarTable";
import { tableOf } from "./Breakdown";
import { ChartCard } from "./ChartCard";
import cardClasses from "./ChartCard.module.css";
import { hasNone, hasValue, narrowed } from "./where";

const FIRST = 12;

/** Where a filter's people are, the most first. */
export function Countries({ where }: { where?: string | undefined }) {
  const { t } = useTranslation("charts");
  const { t: common } = useTranslation();
  const slug = useSlug();
  const [all, setAll] = useState(false);
  const found = useQuery({
    ...read("/api/v1/workspaces/{slug}/charts/countries", {
      params: { path: { slug }, query: where ? { where } : {} },
    }),
    placeholderData: keepPreviousData,
  });
  const bars = found.data ? barsOf(found.data, where, t("countries.other"), t("countries.noValue")) : [];
  const shown = all ? bars : bars.slice(0, FIRST);
  return (
    <ChartCard
      title={t("countries.title")}
      isTable
      table={bars.length ? tableOf(bars, [t("countries.country"), t("people")]) : null}
    >
      {found.isPending && <RowsSkeleton rows={5} />}
      {found.isError && <ErrorState error={found.error} retry={() => void found.refetch()} />}
      {found.data && bars.length === 0 && <p className={cardClasses.text}>{t("card.empty")}</p>}
      {found.data && bars.length > 0 && (
        <BarTable bars={shown} total={found.data.total} head={t("countries.country")} label={t("countries.title")} />
      )}
      {shown.length < bars.length && (
        <button type="button" className={cardClasses.more} onClick={() => setAll(true)}>
          {common("actions.more")}
        </button>
      )}
    </ChartCard>
  );
}

function barsOf(found: Schemas["CountriesOut"], where: string | undefined, other: string, noValue: string): Bar[] {
  const names = new Intl.DisplayNames([currentLanguage()], { type: "region" });
  const bars: Bar[] = found.countries.map(({ code, name, count }) => ({
    key: name,
    label: code ? (names.of(code) ?? name) : name,
    count,
    where: narrowed(where, hasValue("country", "text", name) ?? ""),
  }));
  if (found.other) bars.push({ key: " other", label: other, count: found.other, quiet: true });
  if (found.no_value) {
    const none = narrowed(where, hasNone("country"));
    bars.push({ key: " none", label: noValue, count: found.no_value, where: none, quiet: true });
  }
  return bars;
}
