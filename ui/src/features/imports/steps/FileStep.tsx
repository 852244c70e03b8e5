import { Button, NumberInput, Select } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { type Schemas, useWrite } from "@/api";
import { useSlug } from "@/app/workspace";
import { sizeOf } from "@/features/jobs";
import { formatNumber } from "@/shared";
import { IMPORT, type Import } from "../addresses";
import { expectedOf } from "../FileDrop";
import classes from "../Imports.module.css";
import { useTellImport } from "../useImport";
import { Foot, type StepProps } from "./step";

type Layout = Schemas["LayoutBody"];
type Delimiter = NonNullable<Layout["delimiter"]>;

const ENCODINGS = [
  "utf-8",
  "utf-16-le",
  "utf-16-be",
  "utf-32-le",
  "utf-32-be",
  "cp1252",
  "iso8859-15",
  "cp1250",
  "iso8859-2",
  "cp1251",
  "koi8-r",
  "cp1253",
  "cp1254",
  "cp1255",
  "cp1256",
  "shift_jis",
  "gb18030",
  "big5",
  "euc_kr",
] as const;
const DELIMITERS = { ",": "comma", ";": "semicolon", "\t": "tab", "|": "bar" } as const;
const MOST_ABOVE = 1_000;

/** How the file was read, with its first rows as they stand in it; each can be changed. */
export function FileStep({ source, go }: StepProps) {
  const { t } = useTranslation(["imports", "common"]);
  const slug = useSlug();
  const tell = useTellImport();
  const inspect = useWrite("post", `${IMPORT}/inspect`, { meta: { quiet: true }, onSuccess: tell });
  const isText = source.format === "text";
  const look = (change: Layout) => {
    // What was chosen stays; another sheet begins anew.
    const before: Layout = isText
      ? { encoding: source.encoding, delimiter: source.delimiter as Delimiter, header_row: source.header_row }
      : change.sheet === undefined
        ? { sheet: source.sheet, header_row: source.header_row }
        : {};
    const next = { ...before, ...change };
    // Read in another way, the names may stand elsewhere.
    if (change.encoding || change.delimiter) delete next.header_row;
    inspect.mutate({ params: { path: { slug, import_id: source.id } }, body: next });
  };
  return (
    <>
      <div className={classes.body} aria-busy={inspect.isPending}>
        <p className={classes.text}>
          {t("file.found", {
            size: sizeOf(source.size),
            columns: formatNumber(source.columns.length),
            count: source.columns.length,
          })}
        </p>
        <div className={classes.grid}>
          {isText ? (
            <>
              <Select
                label={t("file.encoding")}
                data={ENCODINGS.map((value) => ({ value, label: t(`encoding.${value}`) }))}
                value={source.encoding}
                allowDeselect={false}
                searchable
                disabled={inspect.isPending}
                onChange={(encoding) => encoding && look({ encoding })}
              />
              <Select
                label={t("file.delimiter")}
                data={Object.entries(DELIMITERS).map(([value, key]) => ({ value, label: t(`delimiter.${key}`) }))}
                value={source.delimiter}
                allowDeselect={false}
                disabled={inspect.isPending}
                onChange={(delimiter) => delimiter && look({ delimiter: delimiter as Delimiter })}
              />
            </>
          ) : (
            <Select
              label={t("file.sheet")}
              description={
                source.sheets.length > 1 &&
                t("file.sheets", { count: source.sheets.length, number: formatNumber(source.sheets.length) })
              }
              inputWrapperOrder={["label", "input", "description"]}
              data={[...source.sheets]}
              value={source.sheet}
              allowDeselect={false}
              disabled={inspect.isPending}
              onChange={(sheet) => sheet && look({ sheet })}
            />
          )}
          <NumberInput
            key={source.header_row}
            size="sm"
            label={t("file.header")}
            description={t("file.headerHint")}
            inputWrapperOrder={["label", "input", "description"]}
            min={0}
            max={MOST_ABOVE}
            allowDecimal={false}
            defaultValue={source.header_row}
            disabled={inspect.isPending}
            onBlur={({ currentTarget: { value } }) => {
              if (value !== "" && Number(value) !== source.header_row) look({ header_row: Number(value) });
            }}
            onKeyDown={(event) => {
              if (event.key === "Enter") event.currentTarget.blur();
            }}
          />
        </div>
        <Preview source={source} onHeader={(row) => look({ header_row: row })} busy={inspect.isPending} />
      </div>
      <Foot error={inspect.error} problem={expectedOf(inspect.error, t("upload.expected")) || undefined}>
        <Button onClick={() => go("columns")} disabled={inspect.isPending}>
          {t("next.columns")}
        </Button>
      </Foot>
    </>
  );
}

interface PreviewProps {
  source: Import;
  onHeader: (row: number) => void;
  busy: boolean;
}

function Preview({ source, onHeader, busy }: PreviewProps) {
  const { t } = useTranslation("imports");
  const width = Math.max(0, ...source.preview.map(({ cells }) => cells.length));
  return (
    <section>
      <h2 className={classes.heading}>{t("file.preview")}</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
      <section className={classes.preview} tabIndex={0} aria-label={t("file.preview")}>
        <table>
          <tbody>
            {source.preview.map(({ row, cells }) => (
              <tr
                key={row}
                data-header={row === source.header_row || undefined}
                data-above={row < source.header_row || undefined}
              >
                <th scope="row">
                  {row === source.header_row ? (
                    t("file.isHeader")
                  ) : (
                    <Button
                      variant="subtle"
                      color="gray"
                      size="compact-xs"
                      disabled={busy}
                      aria-label={t("file.makeHeader", { row })}
                      onClick={() => onHeader(row)}
                    >
                      {row}
                    </Button>
                  )}
                </th>
                {Array.from({ length: width }, (_, place) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: cells that never move
                  <td key={place}>{cells[place]}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {source.columns.length > width && (
        <p className={classes.quiet}>{t("file.more", { count: source.columns.length - width })}</p>
      )}
    </section>
  );
}
