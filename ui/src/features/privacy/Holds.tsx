import { Anchor, Button, Table } from "@mantine/core";
import { IconGavel, IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { read, useWrite } from "@/api";
import { useSlug, useWorkspace } from "@/app/workspace";
import { EmptyState, ErrorState, formatTime, notifyDone, RelativeTime, RowsSkeleton } from "@/shared";
import { useAuthors } from "@/shared/authors";
import { Confirm } from "@/shared/Confirm";
import { HOLD, HOLDS, type Hold, RETENTION } from "./addresses";
import { HoldDialog } from "./HoldDialog";
import classes from "./Privacy.module.css";

/** Who is held, why and until when. */
export function Holds() {
  const { t } = useTranslation("privacy");
  const slug = useSlug();
  const [asking, setAsking] = useState<Hold | "new">();
  const [ending, setEnding] = useState<Hold>();
  const query = useQuery(read(HOLDS, { params: { path: { slug } } }));
  const end = useWrite("delete", HOLD, {
    refresh: [HOLDS, RETENTION],
    onSuccess: () => {
      notifyDone(t("holds.ended"));
      setEnding(undefined);
    },
  });
  const rows = query.data?.items ?? [];
  const add = (
    <Button
      variant="default"
      size="xs"
      leftSection={<IconPlus size={14} stroke={1.7} />}
      onClick={() => setAsking("new")}
    >
      {t("holds.add")}
    </Button>
  );
  return (
    <section aria-labelledby="holds">
      <div className={classes.head}>
        <h2 id="holds" className={classes.heading}>
          {t("holds.title")}
        </h2>
        {rows.length > 0 && add}
      </div>
      {query.isPending && <RowsSkeleton rows={2} />}
      {query.isError && <ErrorState error={query.error} retry={() => void query.refetch()} />}
      {query.isSuccess && !rows.length && (
        <EmptyState
          heading="h2"
          icon={<IconGavel size={22} />}
          title={t("holds.empty")}
          text={t("holds.emptyText")}
          action={add}
        />
      )}
      {rows.length > 0 && (
        <Table.ScrollContainer minWidth={640} type="native">
          <Table aria-label={t("holds.title")} data-stack className={classes.table}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th w={160}>{t("holds.column.who")}</Table.Th>
                <Table.Th>{t("holds.column.why")}</Table.Th>
                <Table.Th w={180}>{t("holds.column.until")}</Table.Th>
                <Table.Th w={160}>{t("holds.column.by")}</Table.Th>
                <Table.Th w={170}>
                  <span className="unseen">{t("holds.column.actions")}</span>
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map((hold) => (
                <Row key={hold.id} hold={hold} change={() => setAsking(hold)} end={() => setEnding(hold)} />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      {asking && <HoldDialog {...(asking !== "new" && { hold: asking })} close={() => setAsking(undefined)} />}
      <Confirm
        opened={ending !== undefined}
        title={t("holds.endTitle")}
        text={t("holds.endText")}
        action={t("holds.end")}
        busy={end.isPending}
        close={() => setEnding(undefined)}
        confirm={() => ending && end.mutate({ params: { path: { slug, hold: ending.id } } })}
      />
    </section>
  );
}

function Row({ hold, change, end }: { hold: Hold; change: () => void; end: () => void }) {
  const { t } = useTranslation("privacy");
  const { slug, timezone } = useWorkspace();
  const author = useAuthors();
  const { person } = hold;
  const who = person === null ? t("holds.everyone") : t("holds.person", { number: person });
  return (
    <Table.Tr>
      <Table.Td data-cell="main" className={classes.name}>
        {person === null ? (
          who
        ) : (
          <Anchor
            size="sm"
            renderRoot={(props) => <Link to="/w/$slug/people/$number" params={{ slug, number: person }} {...props} />}
          >
            {who}
          </Anchor>
        )}
      </Table.Td>
      <Table.Td data-cell="wide">{hold.reason}</Table.Td>
      <Table.Td className={classes.quiet} data-label={t("holds.column.until")}>
        {hold.until ? formatTime(hold.until, timezone) : t("holds.open")}
      </Table.Td>
      <Table.Td className={classes.quiet}>
        {author(hold.by)}, <RelativeTime at={hold.at} zone={timezone} />
      </Table.Td>
      <Table.Td data-cell="end" className={classes.actions}>
        <Button
          variant="default"
          size="compact-sm"
          aria-label={t("holds.editOf", { who, reason: hold.reason })}
          onClick={change}
        >
          {t("holds.edit")}
        </Button>
        <Button
          variant="default"
          size="compact-sm"
          aria-label={t("holds.endOf", { who, reason: hold.reason })}
          onClick={end}
        >
          {t("holds.end")}
        </Button>
      </Table.Td>
    </Table.Tr>
  );
}
