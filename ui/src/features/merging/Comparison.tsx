import { Button, Radio, Table } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFields } from "@/app/workspace";
import { type FieldType, Provenance, ShownValue } from "@/features/profile";
import type { Preview } from "./addresses";
import { type Picks, pickOf, type Whose } from "./choices";
import classes from "./Merging.module.css";

const SIDES = ["survivor", "merged"] as const;

interface ComparisonProps {
  preview: Preview;
  names: Readonly<Record<(typeof SIDES)[number], string>>;
  picks: Picks;
  pick: (field: string, whose: Whose) => void;
}

/** Who survives, the values in which the two differ with a choice for each, and what comes from both. */
export function Comparison({ preview, names, picks, pick }: ComparisonProps) {
  const { t } = useTranslation("merging");
  const id = useId();
  const [all, setAll] = useState(false);
  const equal = preview.fields.filter(({ takes }) => takes === "same");
  const unequal = preview.fields.filter(({ takes }) => takes !== "same");
  return (
    <div>
      <Table aria-label={t("merge.differences")} className={classes.comparison}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("merge.field")}</Table.Th>
            {SIDES.map((side) => (
              <Table.Th key={side}>
                <span id={`${id}${side}`} className={classes.name}>
                  {names[side]} <span className={classes.faint}>{t("numbered", preview[side])}</span>
                </span>
                <span className={classes.quiet}>
                  {side === "survivor" ? t("merge.survives") : t("merge.joins", preview.survivor)}
                </span>
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {unequal.map((row) => (
            <Row key={row.field} row={row} heads={id} pick={pickOf(row, picks)} choose={pick} />
          ))}
          {!unequal.length && (
            <Table.Tr>
              <Table.Td colSpan={3}>{t("merge.same")}</Table.Td>
            </Table.Tr>
          )}
          {all && equal.map((row) => <Row key={row.field} row={row} heads={id} pick={null} choose={pick} />)}
        </Table.Tbody>
        <Belongings preview={preview} />
      </Table>
      {equal.length > 0 && (
        <Button
          className={classes.fold ?? ""}
          variant="subtle"
          size="compact-xs"
          aria-expanded={all}
          onClick={() => setAll(!all)}
        >
          {all ? t("merge.fewer") : t("merge.equal", { count: equal.length })}
        </Button>
      )}
    </div>
  );
}

interface RowProps {
  row: Preview["fields"][number];
  /** What the ids of the two columns' heads begin with. */
  heads: string;
  pick: Whose | null;
  choose: (field: string, whose: Whose) => void;
}

function Row({ row, heads, pick, choose }: RowProps) {
  const { t } = useTranslation("merging");
  const id = useId();
  const known = useFields().find(({ name }) => name === row.field);
  const radio = (whose: Whose) => ({
    name: id,
    size: "xs" as const,
    checked: pick === whose,
    onChange: () => choose(row.field, whose),
  });
  return (
    <Table.Tr>
      <Table.Th scope="row">
        <span id={`${id}field`}>{known?.label ?? row.label}</span>
        {row.takes === "both" && row.choosable && (
          <Radio
            {...radio("both")}
            className={classes.both}
            aria-labelledby={`${id}field ${id}both`}
            label={<span id={`${id}both`}>{t("merge.both")}</span>}
          />
        )}
      </Table.Th>
      {SIDES.map((side) => {
        const stays = pick === null || pick === side || pick === "both";
        return (
          <Table.Td key={side} data-goes={!stays || undefined}>
            <Provenance origin={row[side]?.origin ?? undefined}>
              {row.choosable ? (
                <div className={classes.choice}>
                  <Radio
                    {...radio(side)}
                    aria-labelledby={`${id}field ${heads}${side} ${id}${side}`}
                    label={<Value id={`${id}${side}`} of={row[side]} type={known?.type ?? null} />}
                  />
                </div>
              ) : (
                <div className={classes.choice} tabIndex={row[side] ? 0 : undefined}>
                  {pick !== null && (
                    <span className={classes.mark}>
                      {stays && <IconCheck size={14} role="img" aria-label={t("merge.stays")} />}
                    </span>
                  )}
                  <Value of={row[side]} type={known?.type ?? null} />
                </div>
              )}
            </Provenance>
          </Table.Td>
        );
      })}
    </Table.Tr>
  );
}

function Value({ id, of, type }: { id?: string; of: { value: unknown } | null; type: FieldType | null }) {
  const { t } = useTranslation("merging");
  return (
    <span id={id} className={of ? undefined : classes.faint}>
      {of ? <ShownValue value={of.value} type={type} /> : t("merge.none")}
    </span>
  );
}

/** What the survivor has of both afterwards, counted. */
function Belongings({ preview }: { preview: Preview }) {
  const { t } = useTranslation(["merging", "profile"]);
  const kindsOf = (side: (typeof SIDES)[number]) => [
    ...new Set(
      preview[side].identities.map(({ kind }) =>
        t(`profile:identity.${kind}` as "profile:identity.email", { defaultValue: kind }),
      ),
    ),
  ];
  return (
    <Table.Tfoot>
      <Table.Tr>
        <Table.Td colSpan={3} className={classes.kept}>
          {t("merge.kept")}
        </Table.Td>
      </Table.Tr>
      <Table.Tr>
        <Table.Th scope="row">{t("merge.identities")}</Table.Th>
        {SIDES.map((side) => (
          <Table.Td key={side}>
            <span className="numbers">{preview[side].identities.length}</span>{" "}
            <span className={classes.quiet}>{kindsOf(side).join(", ")}</span>
          </Table.Td>
        ))}
      </Table.Tr>
      <Table.Tr>
        <Table.Th scope="row">{t("merge.notes")}</Table.Th>
        {SIDES.map((side) => (
          <Table.Td key={side} className="numbers">
            {preview[side].notes}
          </Table.Td>
        ))}
      </Table.Tr>
    </Table.Tfoot>
  );
}
