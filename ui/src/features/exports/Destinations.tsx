import { Button, Table } from "@mantine/core";
import { IconFolderShare } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { read, useWrite } from "@/api";
import { useMay, useSlug, useWorkspace } from "@/app/workspace";
import { notifyDone, RelativeTime, reasonText } from "@/shared";
import { DESTINATION, DESTINATIONS, type Destination, SCHEDULES } from "./addresses";
import { DestinationDialog } from "./DestinationDialog";
import classes from "./Exports.module.css";
import { Listing, RowActions } from "./Listing";

/** Places that exports are delivered to, whether they take files, and new ones. */
export function Destinations({ tabs }: { tabs: ReactNode }) {
  const { t } = useTranslation("exports");
  const slug = useSlug();
  const may = useMay("workspace:manage");
  const [asking, setAsking] = useState<Destination | "new" | null>(null);
  const query = useQuery(read(DESTINATIONS, { params: { path: { slug } } }));
  const remove = useWrite("delete", DESTINATION, { refresh: [DESTINATIONS, SCHEDULES] });
  return (
    <>
      <Listing
        of="destinations"
        tabs={tabs}
        icon={IconFolderShare}
        query={query}
        onNew={may ? () => setAsking("new") : undefined}
        columns={[
          { label: t("destinations.column.name"), width: 220 },
          { label: t("destinations.column.place") },
          { label: t("destinations.column.checked"), width: 240 },
        ]}
        actions={230}
        minWidth={720}
        row={(row, onRemove) => (
          <Row key={row.id} row={row} may={may} onEdit={() => setAsking(row)} onRemove={onRemove} />
        )}
        removing={remove.isPending}
        remove={({ id }, after) => remove.mutate({ params: { path: { slug, destination: id } } }, after)}
      />
      {asking && (
        <DestinationDialog
          hasFolder={query.data?.folder ?? false}
          {...(asking !== "new" && { destination: asking })}
          close={() => setAsking(null)}
        />
      )}
    </>
  );
}

interface RowProps {
  row: Destination;
  may: boolean;
  onEdit: () => void;
  onRemove: () => void;
}

function Row({ row, may, onEdit, onRemove }: RowProps) {
  const { t } = useTranslation("exports");
  const { slug, timezone } = useWorkspace();
  const check = useWrite("post", `${DESTINATION}/check`, {
    refresh: [DESTINATIONS],
    onSuccess: (tried) => {
      if (!tried.check_error) notifyDone(t("destinations.worked"));
    },
  });
  return (
    <Table.Tr>
      <Table.Td data-cell="main">
        <div className={classes.title}>{row.name}</div>
        <div className={classes.quiet}>{t(`kind.${row.kind}`)}</div>
      </Table.Td>
      <Table.Td className={classes.quiet} data-cell="wide" data-label={t("destinations.column.place")}>
        {row.kind === "folder" ? row.folder : row.place}
      </Table.Td>
      <Table.Td data-cell="wide" data-label={t("destinations.column.checked")}>
        {row.check_error ? (
          <div className={classes.bad}>{reasonText(row.check_error)}</div>
        ) : (
          <div>{t(row.checked_at ? "destinations.works" : "destinations.untried")}</div>
        )}
        {row.checked_at && (
          <div className={classes.quiet}>
            <RelativeTime at={row.checked_at} zone={timezone} />
          </div>
        )}
      </Table.Td>
      <Table.Td data-cell="wide">
        {may && (
          <div className={classes.end}>
            <Button
              variant="default"
              size="compact-sm"
              loading={check.isPending}
              aria-label={t("destinations.checkOf", { name: row.name })}
              onClick={() => check.mutate({ params: { path: { slug, destination: row.id } } })}
            >
              {t("destinations.check")}
            </Button>
            <RowActions name={row.name} onEdit={onEdit} onRemove={onRemove} />
          </div>
        )}
      </Table.Td>
    </Table.Tr>
  );
}
