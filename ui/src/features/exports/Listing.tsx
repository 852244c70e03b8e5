import { Button, Table } from "@mantine/core";
import type { Icon } from "@tabler/icons-react";
import type { UseQueryResult } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { EmptyState, ErrorState, notifyDone, PageHeader, RowsSkeleton } from "@/shared";
import { Confirm } from "@/shared/Confirm";
import classes from "./Exports.module.css";

interface ListingProps<Item> {
  of: "schedules" | "destinations";
  tabs: ReactNode;
  icon: Icon;
  query: UseQueryResult<{ items: Item[] }>;
  /** Asks for a new one; nobody may make one without it. */
  onNew: (() => void) | undefined;
  columns: readonly { label: string; width?: number }[];
  /** How wide the column of what can be done is. */
  actions: number;
  minWidth: number;
  row: (item: Item, remove: () => void) => ReactNode;
  removing: boolean;
  remove: (item: Item, after: { onSuccess: () => void; onSettled: () => void }) => void;
}

/** The frame of schedules and of destinations: a way to a new one, rows with their actions, and asking before one goes. */
export function Listing<Item extends { id: string; name: string }>({
  of,
  tabs,
  icon: Sign,
  query,
  onNew,
  columns,
  actions,
  minWidth,
  row,
  removing,
  remove,
}: ListingProps<Item>) {
  const { t } = useTranslation("exports");
  const [asked, setAsked] = useState<Item | null>(null);
  const rows = query.data?.items ?? [];
  const make = onNew && (
    <Button leftSection={<Sign size={15} stroke={1.7} />} onClick={onNew}>
      {t(`${of}.new`)}
    </Button>
  );
  return (
    <>
      <PageHeader title={t("title")} actions={rows.length > 0 && make} />
      {tabs}
      {query.isPending && <RowsSkeleton />}
      {query.isError && <ErrorState error={query.error} retry={() => void query.refetch()} />}
      {query.isSuccess && !rows.length && (
        <EmptyState icon={<Sign size={22} />} title={t(`${of}.empty`)} text={t(`${of}.emptyText`)} action={make} />
      )}
      {rows.length > 0 && (
        <Table.ScrollContainer minWidth={minWidth} type="native">
          <Table aria-label={t(`show.${of}`)} data-stack className={classes.rows}>
            <Table.Thead>
              <Table.Tr>
                {columns.map(({ label, width }) => (
                  <Table.Th key={label} {...(width && { w: width })}>
                    {label}
                  </Table.Th>
                ))}
                <Table.Th w={actions}>
                  <span className="unseen">{t("row.actions")}</span>
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>{rows.map((item) => row(item, () => setAsked(item)))}</Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      <Confirm
        opened={asked !== null}
        title={t("row.removeTitle", { name: asked?.name ?? "" })}
        text={t(`${of}.removeText`)}
        action={t("row.remove")}
        busy={removing}
        close={() => setAsked(null)}
        confirm={() =>
          asked && remove(asked, { onSuccess: () => notifyDone(t(`${of}.removed`)), onSettled: () => setAsked(null) })
        }
      />
    </>
  );
}

/** The last buttons of a row: what any schedule and any destination can have done to it. */
export function RowActions({ name, onEdit, onRemove }: { name: string; onEdit: () => void; onRemove: () => void }) {
  const { t } = useTranslation("exports");
  return (
    <>
      <Button variant="default" size="compact-sm" aria-label={t("row.editOf", { name })} onClick={onEdit}>
        {t("row.edit")}
      </Button>
      <Button
        variant="subtle"
        color="red"
        size="compact-sm"
        aria-label={t("row.removeOf", { name })}
        onClick={onRemove}
      >
        {t("row.remove")}
      </Button>
    </>
  );
}
