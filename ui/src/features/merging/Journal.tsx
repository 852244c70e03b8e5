import { Anchor, Badge, Button, Table } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay, useWorkspace } from "@/app/workspace";
import { RelativeTime, reasonText } from "@/shared";
import { useAuthors } from "@/shared/authors";
import type { Merge } from "./addresses";
import classes from "./Merging.module.css";
import { UnmergeDialog } from "./UnmergeDialog";
import { mergedBy } from "./words";

/** Who was merged into whom, by whom and when, and the way back where there is one. */
export function Journal({ merges }: { merges: readonly Merge[] }) {
  const { t } = useTranslation("merging");
  const { timezone } = useWorkspace();
  const mayWrite = useMay("people:write");
  const author = useAuthors();
  const [undoing, setUndoing] = useState<Merge | null>(null);
  return (
    <>
      <Table.ScrollContainer minWidth={720} type="native">
        <Table aria-label={t("show.merges")} data-stack>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("column.merge")}</Table.Th>
              <Table.Th w={140}>{t("column.by")}</Table.Th>
              <Table.Th w={120}>{t("column.at")}</Table.Th>
              <Table.Th w={250}>{t("column.state")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {merges.map((merge) => (
              <Table.Tr key={merge.id}>
                <Table.Td data-cell="main">
                  <Person number={merge.merged} name={merge.merged_name} /> {t("journal.into")}{" "}
                  <Person number={merge.survivor} name={merge.survivor_name} />
                </Table.Td>
                <Table.Td className={classes.quiet}>{mergedBy(merge, t, author)}</Table.Td>
                <Table.Td className={classes.quiet}>
                  <RelativeTime at={merge.at} zone={timezone} />
                </Table.Td>
                <Table.Td data-cell="wide">
                  <State merge={merge} undo={mayWrite ? () => setUndoing(merge) : undefined} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {undoing && <UnmergeDialog merge={undoing} close={() => setUndoing(null)} />}
    </>
  );
}

/** One of the two, by the name they had then. */
function Person({ number, name }: { number: number; name: string | null }) {
  const { t } = useTranslation("merging");
  const { slug } = useWorkspace();
  return (
    <>
      <Anchor
        size="sm"
        className={classes.name}
        renderRoot={(props) => <Link to="/w/$slug/people/$number" params={{ slug, number }} {...props} />}
      >
        {name || t("person", { number })}
      </Anchor>{" "}
      <span className={classes.faint}>{t("numbered", { number })}</span>
    </>
  );
}

function State({ merge, undo }: { merge: Merge; undo: (() => void) | undefined }) {
  const { t } = useTranslation("merging");
  const { timezone } = useWorkspace();
  if (merge.undone_at) {
    return (
      <div className={classes.why}>
        <Badge variant="light" color="gray" size="sm">
          {t("journal.undone")}
        </Badge>
        <span className={classes.quiet}>
          <RelativeTime at={merge.undone_at} zone={timezone} />
        </span>
      </div>
    );
  }
  if (merge.why_not) return <span className={classes.quiet}>{reasonText(merge.why_not)}</span>;
  if (!undo) return null;
  const names = {
    merged: merge.merged_name || t("person", { number: merge.merged }),
    survivor: merge.survivor_name || t("person", { number: merge.survivor }),
  };
  return (
    <Button variant="default" size="compact-sm" aria-label={t("action.undoOf", names)} onClick={undo}>
      {t("action.undo")}
    </Button>
  );
}
