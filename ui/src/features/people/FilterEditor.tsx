import { useTranslation } from "react-i18next";
import { formatNumber } from "@/shared";
import classes from "./FilterEditor.module.css";
import { FilterBar } from "./filter/FilterBar";
import { useFilter } from "./filter/useFilter";

export interface FilterEditorProps {
  /** The filter as a sentence; empty for everyone. */
  where: string;
  onWhere: (where: string) => void;
  /** How many there are as it is now; told beside how many the edited filter has. */
  before?: number;
}

/** The filter bar in a form, with how many match what is edited; see the feature's index. */
export default function FilterEditor({ where, onWhere, before }: FilterEditorProps) {
  const { t } = useTranslation("people");
  const filter = useFilter(where, onWhere);
  const { total } = filter;
  const number = (value: number) => formatNumber(value);
  return (
    <div className={classes.editor}>
      <FilterBar filter={filter} onSentence={onWhere} inForm />
      <p className={classes.total} role="status">
        {total !== undefined &&
          !filter.error &&
          (before === undefined || before === total
            ? t("filter.total", { count: total, number: number(total) })
            : t("filter.change", { count: total, number: number(total), before: number(before) }))}
      </p>
    </div>
  );
}
