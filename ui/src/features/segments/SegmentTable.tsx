import { Anchor, Badge, Table } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useWorkspace } from "@/app/workspace";
import { Count, RelativeTime } from "@/shared";
import { useAuthors } from "@/shared/authors";
import type { Segment } from "./data";
import { SegmentMenu } from "./SegmentMenu";
import classes from "./SegmentTable.module.css";
import { StarButton } from "./StarButton";

/** Segments with their sizes, favourites first. */
export function SegmentTable({ segments }: { segments: readonly Segment[] }) {
  const { t } = useTranslation("segments");
  const author = useAuthors();
  return (
    <Table.ScrollContainer minWidth={820} type="native">
      <Table highlightOnHover aria-label={t("title")} className={classes.table} data-stack>
        <Table.Thead>
          <Table.Tr>
            <Table.Th className={classes.star}>
              <span className="unseen">{t("star.is")}</span>
            </Table.Th>
            <Table.Th>{t("column.name")}</Table.Th>
            <Table.Th>{t("column.kind")}</Table.Th>
            <Table.Th className={classes.number}>{t("column.size")}</Table.Th>
            <Table.Th>{t("column.uses")}</Table.Th>
            <Table.Th>{t("column.owner")}</Table.Th>
            <Table.Th>{t("column.changed")}</Table.Th>
            <Table.Th className={classes.star}>
              <span className="unseen">{t("column.actions")}</span>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {segments.map((segment) => (
            <Row key={segment.id} segment={segment} author={author(segment.created_by)} />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Row({ segment, author }: { segment: Segment; author: string }) {
  const { t } = useTranslation("segments");
  const { slug, timezone } = useWorkspace();
  const { id, name, description, kind, size, broken, uses_count: uses, updated_at } = segment;
  return (
    <Table.Tr>
      <Table.Td className={classes.star} data-cell="start">
        <StarButton segment={segment} />
      </Table.Td>
      <Table.Td className={classes.name} data-cell="main">
        <Anchor
          size="sm"
          fw={500}
          renderRoot={(props) => <Link to="/w/$slug/segments/$segment" params={{ slug, segment: id }} {...props} />}
        >
          {name}
        </Anchor>
        {description && <span className={classes.about}>{description}</span>}
        {broken && (
          <span className={classes.broken}>
            <IconAlertTriangle size={13} aria-hidden="true" /> {t("broken.badge")}: {broken}
          </span>
        )}
      </Table.Td>
      <Table.Td>
        <Badge variant="default" size="sm">
          {t(`kind.${kind}`)}
        </Badge>
      </Table.Td>
      <Table.Td className={classes.number} data-label={t("column.size")}>
        <Count value={size} />
      </Table.Td>
      <Table.Td>
        {uses > 0 ? (
          <Anchor
            size="sm"
            c="inherit"
            renderRoot={(props) => (
              <Link
                to="/w/$slug/segments/$segment"
                params={{ slug, segment: id }}
                search={{ tab: "uses" }}
                {...props}
              />
            )}
          >
            {t("uses", { count: uses })}
          </Anchor>
        ) : (
          <span className={classes.quiet}>{t("unused")}</span>
        )}
      </Table.Td>
      <Table.Td className={`${classes.quiet} ${classes.spare}`}>{author}</Table.Td>
      <Table.Td className={`${classes.quiet} ${classes.spare}`}>
        <RelativeTime at={updated_at} zone={timezone} />
      </Table.Td>
      <Table.Td className={classes.star} data-cell="end">
        <SegmentMenu segment={segment} />
      </Table.Td>
    </Table.Tr>
  );
}
