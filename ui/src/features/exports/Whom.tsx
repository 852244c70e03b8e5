import { SegmentedControl } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { FilterEditor } from "@/features/people";
import { SegmentPicker } from "@/features/segments";
import type { Schedule } from "./addresses";
import classes from "./Exports.module.css";

const WHO = ["everyone", "segment", "filter"] as const;

/** Whom an export is about, as the form has it. `untold` is a schedule's filter that can't be read any more. */
export interface Whom {
  who: (typeof WHO)[number] | "untold";
  segment: string | undefined;
  where: string;
}

export const EVERYONE: Whom = { who: "everyone", segment: undefined, where: "" };

/** Whom a schedule is about. */
export function whomOf({ where, segment }: Schedule): Whom {
  if (where === null) return { ...EVERYONE, who: "untold" };
  if (segment) return { ...EVERYONE, who: "segment", segment };
  return where ? { ...EVERYONE, who: "filter", where } : EVERYONE;
}

/** The same as the API takes it; null while nothing is chosen: an empty filter is no choice, as it would be everyone. */
export function chosenOf({ who, segment, where }: Whom) {
  if (who === "everyone") return {};
  if (who === "segment" && segment) return { segment };
  return who === "filter" && where ? { where } : null;
}

/** Asks whom to export: everyone, a segment, or those of a filter that is made here. */
export function WhomField({ value, onChange }: { value: Whom; onChange: (value: Whom) => void }) {
  const { t } = useTranslation("exports");
  const choices = value.who === "untold" ? ["untold" as const, ...WHO] : WHO;
  return (
    <div className={classes.whom}>
      <p className={classes.label}>{t("dialog.who")}</p>
      <SegmentedControl
        size="xs"
        aria-label={t("dialog.who")}
        data={choices.map((who) => ({ value: who, label: t(`dialog.${who}`) }))}
        value={value.who}
        onChange={(who) => onChange({ ...value, who })}
      />
      {value.who === "untold" && <p className={classes.text}>{t("schedules.untold")}</p>}
      {value.who === "segment" && (
        <SegmentPicker
          label={t("dialog.segment")}
          value={value.segment ? [value.segment] : []}
          onChange={([segment]) => onChange({ ...value, segment })}
        />
      )}
      {value.who === "filter" && (
        <>
          <FilterEditor where={value.where} onWhere={(where) => onChange({ ...value, where })} />
          {!value.where && <p className={classes.text}>{t("dialog.noFilter")}</p>}
        </>
      )}
    </div>
  );
}
