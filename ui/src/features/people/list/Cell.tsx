import type { TFunction } from "i18next";
import { formatDate, formatNumber, RelativeTime } from "@/shared";
import classes from "./PeopleTable.module.css";

const SHOWN = 3;

interface CellProps {
  type: string | undefined;
  value: unknown;
  zone: string;
  /** Given rather than asked for: a list that is scrolled draws thousands of cells a second. */
  t: TFunction<"people">;
}

/** A value of a person in the form of its field's type. */
export function Cell({ type, value, zone, t }: CellProps) {
  if (value === undefined || value === null || value === "") return <span className={classes.none}>–</span>;
  if (type === "datetime" && typeof value === "string") return <RelativeTime at={value} zone={zone} />;
  if (type === "date" && typeof value === "string") return <>{formatDate(`${value}T00:00:00Z`, "UTC")}</>;
  if (typeof value === "number") {
    return <span className="numbers">{formatNumber(value, { maximumFractionDigits: 10 })}</span>;
  }
  if (typeof value === "boolean") return <>{t(value ? "cell.yes" : "cell.no")}</>;
  if (Array.isArray(value)) {
    return (
      <span className={classes.tags} title={value.join(", ")}>
        {value.slice(0, SHOWN).map((each) => (
          <span key={String(each)} className={classes.tag}>
            {String(each)}
          </span>
        ))}
        {value.length > SHOWN && <span className={classes.none}>+{value.length - SHOWN}</span>}
      </span>
    );
  }
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  return <span title={text}>{text}</span>;
}
