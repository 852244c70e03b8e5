import { Anchor, Button, Group, Modal, Stack, Table } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useFields, useSlug } from "@/app/workspace";
import { ShownValue } from "@/features/profile";
import { Confirm } from "@/shared/Confirm";
import type { Merge, Unmerged } from "./addresses";
import classes from "./Merging.module.css";
import { useUnmerge } from "./useUnmerge";

/** Asks before a merge is undone, and shows afterwards what could not be told apart. */
export function UnmergeDialog({ merge, close }: { merge: Merge; close: () => void }) {
  const { t } = useTranslation("merging");
  const [partly, setPartly] = useState<Unmerged | null>(null);
  const { undo, isPending } = useUnmerge({ onPartly: setPartly, onDone: close });
  const names = {
    survivor: merge.survivor_name || t("person", { number: merge.survivor }),
    merged: merge.merged_name || t("person", { number: merge.merged }),
  };
  if (partly) return <Outcome of={partly} names={names} close={close} />;
  return (
    <Confirm
      opened
      title={t("undo.title")}
      text={t("undo.text", names)}
      action={t("undo.action")}
      busy={isPending}
      close={close}
      confirm={() => undo(merge.id)}
    />
  );
}

interface OutcomeProps {
  of: Unmerged;
  names: { survivor: string; merged: string };
  close: () => void;
}

function Outcome({ of: { conflicts, held }, names, close }: OutcomeProps) {
  const { t } = useTranslation(["merging", "profile", "common"]);
  const slug = useSlug();
  const fields = useFields();
  return (
    <Modal opened onClose={close} size="lg" title={t("outcome.title")}>
      <Stack gap="sm">
        {conflicts.length > 0 && (
          <>
            <p className={classes.text}>{t("outcome.changed", names)}</p>
            <Table aria-label={t("outcome.conflicts")} className={classes.outcome} data-stack>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t("merge.field")}</Table.Th>
                  <Table.Th>{t("outcome.now", { name: names.survivor })}</Table.Th>
                  <Table.Th>{t("outcome.before", { name: names.survivor })}</Table.Th>
                  <Table.Th>{t("outcome.again", { name: names.merged })}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {conflicts.map(({ field, now, survivor, merged }) => {
                  const known = fields.find(({ name }) => name === field);
                  const values = [
                    [t("outcome.now", { name: names.survivor }), now],
                    [t("outcome.before", { name: names.survivor }), survivor],
                    [t("outcome.again", { name: names.merged }), merged],
                  ] as const;
                  return (
                    <Table.Tr key={field}>
                      <Table.Td data-cell="main">{known?.label ?? field}</Table.Td>
                      {values.map(([label, value]) => (
                        <Table.Td key={label} data-cell="wide" data-label={label}>
                          {value === null || value === undefined ? (
                            <span className={classes.faint}>{t("merge.none")}</span>
                          ) : (
                            <ShownValue value={value} type={known?.type ?? null} />
                          )}
                        </Table.Td>
                      ))}
                    </Table.Tr>
                  );
                })}
              </Table.Tbody>
            </Table>
          </>
        )}
        {held.length > 0 && (
          <>
            <p className={classes.text}>{t("outcome.held")}</p>
            <ul className={classes.held}>
              {held.map(({ kind, value, holder }) => (
                <li key={`${kind} ${value}`}>
                  {t(`profile:identity.${kind}` as "profile:identity.email", { defaultValue: kind })} {value} ·{" "}
                  <Anchor
                    size="sm"
                    underline="always"
                    renderRoot={(props) => (
                      <Link to="/w/$slug/people/$number" params={{ slug, number: holder }} {...props} />
                    )}
                  >
                    {t("outcome.holder", { number: holder })}
                  </Anchor>
                </li>
              ))}
            </ul>
          </>
        )}
        <Group justify="flex-end">
          <Button onClick={close} data-autofocus>
            {t("common:actions.close")}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
