import { ActionIcon, Tooltip } from "@mantine/core";
import { IconChartBar, IconDownload, IconTable } from "@tabler/icons-react";
import { type ReactNode, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { formatNumber } from "@/shared";
import classes from "./ChartCard.module.css";
import { type Cell, downloadCsv } from "./csv";

// More would make the page slow; the file has all of them.
const MOST_ROWS = 400;

/** The figures of a chart: names of the columns, and rows. `shown` writes a cell for readers, where that differs. */
export interface ChartTable {
  head: readonly string[];
  rows: readonly (readonly Cell[])[];
  shown?: (cell: Cell, column: number) => string;
}

interface ChartCardProps {
  title: string;
  /** A line below the title: what the figures say. */
  text?: ReactNode;
  /** Choices at the right of the title. */
  controls?: ReactNode;
  table: ChartTable | null;
  /** The drawing; screen readers get the table instead. */
  children: ReactNode;
  /** The drawing is itself a table that everyone can read. */
  isTable?: boolean;
  wide?: boolean;
}

/** A chart with its title, its choices, its table, and the table as a file. */
export function ChartCard({ title, text, controls, table, children, isTable = false, wide = false }: ChartCardProps) {
  const { t } = useTranslation("charts");
  const [asTable, setAsTable] = useState(false);
  const heading = useId();
  return (
    <section className={classes.card} aria-labelledby={heading} data-wide={wide || undefined}>
      <header className={classes.head}>
        <h2 id={heading} className={classes.title}>
          {title}
        </h2>
        {controls && <div className={classes.controls}>{controls}</div>}
        <div className={classes.tools}>
          {table && !isTable && (
            <Tooltip label={asTable ? t("card.chart") : t("card.table")}>
              <ActionIcon aria-label={t("card.table")} aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
                {asTable ? <IconChartBar size={16} stroke={1.7} /> : <IconTable size={16} stroke={1.7} />}
              </ActionIcon>
            </Tooltip>
          )}
          {table && (
            <Tooltip label={t("card.download")}>
              <ActionIcon
                aria-label={`${t("card.download")}: ${title}`}
                onClick={() => downloadCsv(title, table.head, table.rows)}
              >
                <IconDownload size={16} stroke={1.7} />
              </ActionIcon>
            </Tooltip>
          )}
        </div>
        {text && <p className={classes.text}>{text}</p>}
      </header>
      {isTable || !table ? (
        children
      ) : (
        <>
          {!asTable && <div aria-hidden="true">{children}</div>}
          <div className={asTable ? classes.table : "unseen"}>
            <FigureTable table={table} labelledBy={heading} />
          </div>
        </>
      )}
    </section>
  );
}

function FigureTable({ table, labelledBy }: { table: ChartTable; labelledBy: string }) {
  const { t } = useTranslation("charts");
  const { head, rows, shown = plain } = table;
  return (
    <table className={classes.figures} aria-labelledby={labelledBy}>
      {rows.length > MOST_ROWS && (
        <caption>{t("card.newest", { shown: formatNumber(MOST_ROWS), all: formatNumber(rows.length) })}</caption>
      )}
      <thead>
        <tr>
          {head.map((name) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.slice(-MOST_ROWS).map((row) => (
          <tr key={String(row[0])}>
            {row.map((cell, column) => {
              const Tag = column === 0 ? "th" : "td";
              return (
                <Tag key={head[column]} {...(column === 0 && { scope: "row" })} className="numbers">
                  {shown(cell, column)}
                </Tag>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function plain(cell: Cell): string {
  return typeof cell === "number" ? formatNumber(cell) : (cell ?? "");
}
