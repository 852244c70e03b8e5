import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useSlug } from "@/app/workspace";
import { Count, formatNumber } from "@/shared";
import classes from "./BarTable.module.css";

/** One bar. `where` finds its people; without it the bar leads nowhere. */
export interface Bar {
  key: string;
  label: string;
  count: number;
  where?: string | null;
  /** Not one of the values: none, or the rest. */
  quiet?: boolean;
}

interface BarTableProps {
  bars: readonly Bar[];
  /** What a share is a part of. */
  total: number;
  /** What the labels are: a field, a country. */
  head: string;
  label: string;
}

/** Bars as rows of a table: label, bar, count and share, which is all that they show. */
export function BarTable({ bars, total, head, label }: BarTableProps) {
  const { t } = useTranslation("charts");
  const slug = useSlug();
  const longest = Math.max(1, ...bars.map((bar) => bar.count));
  return (
    <table className={classes.bars} aria-label={label}>
      <colgroup>
        <col className={classes.labels} />
        <col />
        <col className={classes.shares} />
      </colgroup>
      <thead className="unseen">
        <tr>
          <th scope="col">{head}</th>
          <th scope="col">{t("people")}</th>
          <th scope="col">{t("share")}</th>
        </tr>
      </thead>
      <tbody>
        {bars.map((bar) => (
          <tr key={bar.key} data-quiet={bar.quiet || undefined}>
            <th scope="row" className={classes.label} title={bar.label}>
              {bar.where ? (
                <Link
                  className={classes.link}
                  to="/w/$slug/people"
                  params={{ slug }}
                  search={{ where: bar.where }}
                  title={t("list")}
                >
                  {bar.label}
                </Link>
              ) : (
                bar.label
              )}
            </th>
            <td>
              <div className={classes.track}>
                <span className={classes.line}>
                  <span className={classes.bar} style={{ width: `${(bar.count / longest) * 100}%` }} />
                </span>
                <span className={classes.count}>
                  <Count value={bar.count} />
                </span>
              </div>
            </td>
            <td className={classes.share}>{share(bar.count, total)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** A part as per cent: "12.5 %", in the reader's language; always with one decimal, so that a column of them lines up. */
export function share(count: number, total: number): string {
  const options = { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 } as const;
  return formatNumber(total ? count / total : 0, options);
}
