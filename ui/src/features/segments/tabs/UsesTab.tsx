import { Anchor, Badge, Button } from "@mantine/core";
import { IconLink } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api";
import { useSlug } from "@/app/workspace";
import { EmptyState } from "@/shared";
import { quoted } from "@/shared/sentences";
import classes from "./tabs.module.css";

/** What uses a segment, and would break without it. */
export default function UsesTab({ segment }: { segment: Schemas["SegmentDetail"] }) {
  const { t } = useTranslation("segments");
  const slug = useSlug();
  if (!segment.uses.length) {
    const where = `in segment ${quoted(segment.name)}`;
    return (
      <EmptyState
        icon={<IconLink size={22} />}
        title={t("usesTab.empty")}
        text={t("usesTab.emptyText")}
        action={
          <Button
            variant="default"
            renderRoot={(props) => <Link to="/w/$slug/people" params={{ slug }} search={{ where }} {...props} />}
          >
            {t("usesTab.use")}
          </Button>
        }
      />
    );
  }
  return (
    <ul className={classes.list}>
      {segment.uses.map(({ id, kind, name }) => (
        <li key={`${kind} ${id}`} className={classes.item}>
          <Badge variant="default" size="sm">
            {t(`usesTab.kinds.${kind}` as "usesTab.kinds.view", { defaultValue: kind })}
          </Badge>
          {kind === "segment" ? (
            <Anchor
              size="sm"
              renderRoot={(props) => <Link to="/w/$slug/segments/$segment" params={{ slug, segment: id }} {...props} />}
            >
              {name}
            </Anchor>
          ) : (
            name
          )}
        </li>
      ))}
    </ul>
  );
}
