import { useTranslation } from "react-i18next";
import { useSegments } from "@/features/segments";
import { currentLanguage } from "@/i18n";
import type { Schedule } from "./addresses";

export const EVERY = ["hour", "day", "week", "month"] as const;
export type Every = (typeof EVERY)[number];

/** The name of a day of the week; 1 is Monday. */
export function weekdayName(day: number): string {
  // The first of January 2024 was a Monday.
  const format = new Intl.DateTimeFormat(currentLanguage(), { weekday: "long", timeZone: "UTC" });
  return format.format(new Date(Date.UTC(2024, 0, day)));
}

/** How often and when a schedule is due, in words. */
export function useCadence(): (row: Pick<Schedule, "every" | "at" | "weekday" | "day">) => string {
  const { t } = useTranslation("exports");
  return ({ every, at, weekday, day }) =>
    t(`every.${every}At`, {
      time: at,
      minutes: at.slice(3),
      day: every === "week" ? weekdayName(weekday ?? 1) : (day ?? 1),
    });
}

/** Whom a schedule is about, in words. */
export function useWhom(): (row: Pick<Schedule, "where" | "segment">) => string {
  const { t } = useTranslation("exports");
  const segments = useSegments();
  return ({ where, segment }) => {
    if (where === null) return t("schedules.untold");
    if (segment) return segments.data?.items.find(({ id }) => id === segment)?.name ?? t("schedules.segment");
    return where || t("dialog.everyone");
  };
}
