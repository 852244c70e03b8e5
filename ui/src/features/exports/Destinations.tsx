import { Button, Table } from "@mantine/core";
import { IconFolderShare } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { read, useWrite } from "@/api";
import { useMay, useSlug, useWorkspace } from "@/app/workspace";
import { EmptyState, ErrorState, notifyDone, PageHeader, RelativeTime, RowsSkeleton } from "@/shared";
import { Confirm } from "@/shared/Confirm";
import { DESTINATION, DESTINATIONS, type Destination, SCHEDULES } from "./addresses";
import { DestinationDialog } from "./DestinationDialog";
import classes from "./Exports.module.css";

/** Places that exports are delivered to, whether they take files, and new ones. */
export function Destinations({ tabs }: { tabs: ReactNode }) {
  const { t } = useTranslation(["exports", "common"]);
  const slug = useSlug();
  const may = useMay("workspace:manage");
  const [making, setMaking] = useState(false);
  const [removing, setRemoving] = useState<Destination | null>(null);
  const query = useQuery(read(DESTINATIONS, { params: { path: { slug } } }));
  const remove = useWrite("delete", DESTINATION, { refresh: [DESTINATIONS, SCHEDULES] });
  const rows = query.data?.items ?? [];
  const make = may && (
    <Button leftSection={<IconFolderShare size={15} stroke={1.7} />} onClick={() => setMaking(true)}>
      {t("destinations.new")}
    </Button>
  );
  return (
    <>
      <PageHeader title={t("title")} actions={rows.length > 0 && make} />
      {tabs}
      {query.isPending && <RowsSkeleton />}
      {query.isError && <ErrorState error={query.error} retry={() => void query.refetch()} />}
      {query.isSuccess && !rows.length && (
        <EmptyState
          icon={<IconFolderShare size={22} />}
          title={t("destinations.empty")}
          text={t("destinations.emptyText")}
          action={make}
        />
      )}
      {rows.length > 0 && (
        <Table.ScrollContainer minWidth={720} type="native">
          <Table aria-label={t("show.destinations")} data-stack className={classes.rows}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th w={220}>{t("destinations.column.name")}</Table.Th>
                <Table.Th>{t("destinations.column.place")}</Table.Th>
                <Table.Th w={240}>{t("destinations.column.checked")}</Table.Th>
                <Table.Th w={170}>
                  <span className="unseen">{t("schedules.column.actions")}</span>
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map((row) => (
                <Row key={row.id} row={row} may={may} onRemove={() => setRemoving(row)} />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      {making && <DestinationDialog hasFolder={query.data?.folder ?? false} close={() => setMaking(false)} />}
      <Confirm
        opened={removing !== null}
        title={t("destinations.removeTitle", { name: removing?.name ?? "" })}
        text={t("destinations.removeText")}
        action={t("schedules.remove")}
        busy={remove.isPending}
        close={() => setRemoving(null)}
        confirm={() =>
          removing &&
          remove.mutate(
            { params: { path: { slug, destination: removing.id } } },
            { onSuccess: () => notifyDone(t("destinations.removed")), onSettled: () => setRemoving(null) },
          )
        }
      />
    </>
  );
}

function Row({ row, may, onRemove }: { row: Destination; may: boolean; onRemove: () => void }) {
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
          <div className={classes.bad}>{row.check_error}</div>
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
            <Button
              variant="subtle"
              color="red"
              size="compact-sm"
              aria-label={t("schedules.removeOf", { name: row.name })}
              onClick={onRemove}
            >
              {t("schedules.remove")}
            </Button>
          </div>
        )}
      </Table.Td>
    </Table.Tr>
  );
}
