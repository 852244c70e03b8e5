import { Badge, Button, Table } from "@mantine/core";
import { IconPencil } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { read } from "@/api";
import { useSlug, useWorkspace } from "@/app/workspace";
import { ErrorState, formatNumber, RelativeTime, RowsSkeleton } from "@/shared";
import { type Kept, RETENTION } from "./addresses";
import { Holds } from "./Holds";
import classes from "./Privacy.module.css";
import { RuleDialog } from "./RuleDialog";
import { inOrder, nameOf } from "./retained";

/** For how long what is kept, what would go now, and who is held. */
export function Retention() {
  const { t } = useTranslation("privacy");
  const slug = useSlug();
  const [edited, setEdited] = useState<Kept>();
  const query = useQuery(read(RETENTION, { params: { path: { slug } } }));
  return (
    <>
      <p className={`${classes.text} ${classes.intro}`}>{t("retention.text")}</p>
      {query.isPending && <RowsSkeleton />}
      {query.isError && <ErrorState error={query.error} retry={() => void query.refetch()} />}
      {query.isSuccess && (
        <Table.ScrollContainer minWidth={720} type="native">
          <Table aria-label={t("show.retention")} data-stack className={classes.table}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t("retention.column.name")}</Table.Th>
                <Table.Th w={180}>{t("retention.column.kept")}</Table.Th>
                <Table.Th w={210}>{t("retention.column.now")}</Table.Th>
                <Table.Th w={110}>
                  <span className="unseen">{t("retention.column.edit")}</span>
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {inOrder(query.data.items).map((kept) => (
                <Row key={kept.name} kept={kept} edit={() => setEdited(kept)} />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      <Holds />
      {edited && <RuleDialog kept={edited} close={() => setEdited(undefined)} />}
    </>
  );
}

function Row({ kept, edit }: { kept: Kept; edit: () => void }) {
  const { t } = useTranslation("privacy");
  const name = nameOf(kept.name);
  const label = name ? t(`retention.class.${name}`) : kept.name;
  return (
    <Table.Tr>
      <Table.Td data-cell="main">
        <div className={classes.name}>{label}</div>
        {name && <div className={classes.quiet}>{t(`retention.about.${name}`)}</div>}
      </Table.Td>
      <Table.Td data-label={t("retention.column.kept")}>
        {kept.days === null
          ? t("retention.forever")
          : t("retention.days", { count: kept.days, number: formatNumber(kept.days) })}
        <div className={classes.quiet}>
          {kept.rule ? t(`retention.byRule.${kept.rule.action}`) : kept.days !== null && t("retention.default")}
        </div>
      </Table.Td>
      <Table.Td data-label={t("retention.column.now")}>
        <Now kept={kept} />
      </Table.Td>
      <Table.Td data-cell="end">
        <Button
          variant="default"
          size="compact-sm"
          leftSection={<IconPencil size={14} stroke={1.7} />}
          aria-label={t("retention.editOf", { name: label })}
          onClick={edit}
        >
          {t("retention.edit")}
        </Button>
      </Table.Td>
    </Table.Tr>
  );
}

function Now({ kept: { now } }: { kept: Kept }) {
  const { t } = useTranslation("privacy");
  const { timezone } = useWorkspace();
  if (!now) return <span className={classes.quiet}>{t("retention.never")}</span>;
  if (now.paused) {
    return (
      <Badge variant="light" color="iris" size="sm">
        {t("retention.paused")}
      </Badge>
    );
  }
  if (!now.rows) return <span className={classes.quiet}>{t("retention.nothing")}</span>;
  return (
    <>
      <span className="numbers">{t("retention.entries", { count: now.rows, number: formatNumber(now.rows) })}</span>
      {now.oldest && (
        <div className={classes.quiet}>
          {t("retention.oldest")} <RelativeTime at={now.oldest} zone={timezone} />
        </div>
      )}
    </>
  );
}
