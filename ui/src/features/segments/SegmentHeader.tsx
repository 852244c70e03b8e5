import { Badge, Button } from "@mantine/core";
import { IconChevronRight, IconEyeOff, IconUsers } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { read, type Schemas } from "@/api";
import { useMay, useSlug, useWorkspace } from "@/app/workspace";
import { Count, messageOf, RelativeTime } from "@/shared";
import { useAuthors, useNames } from "@/shared/authors";
import { quoted } from "@/shared/sentences";
import { HIDDEN } from "./addresses";
import { useChange } from "./data";
import { EditableText } from "./EditableText";
import classes from "./SegmentHeader.module.css";
import { SegmentMenu } from "./SegmentMenu";
import { StarButton } from "./StarButton";

/** Name, size and description of a segment, changed where they stand. */
export function SegmentHeader({ segment }: { segment: Schemas["SegmentDetail"] }) {
  const { t } = useTranslation("segments");
  const { slug, timezone } = useWorkspace();
  const navigate = useNavigate();
  const mayWrite = useMay("segments:write");
  const change = useChange(segment);
  const author = useAuthors();
  const { name, description, kind, size, computed_at, created_by, broken } = segment;
  const describe = (text: string) => change({ description: text });
  return (
    <header className={classes.header}>
      <nav className={classes.path} aria-label={t("title")}>
        <Link to="/w/$slug/segments" params={{ slug }}>
          {t("title")}
        </Link>
        <IconChevronRight size={13} aria-hidden="true" />
      </nav>
      <div className={classes.line}>
        <StarButton segment={segment} />
        <h1 className={classes.title}>
          {mayWrite ? (
            <EditableText
              value={name}
              label={t("edit.name")}
              action={t("edit.rename", { name })}
              onSave={(text) => change({ name: text })}
              messageOf={messageOf}
              maxLength={120}
              required
            >
              {name}
            </EditableText>
          ) : (
            name
          )}
        </h1>
        <Badge variant="default" size="sm">
          {t(`kind.${kind}`)}
        </Badge>
        <HiddenBadge id={segment.id} />
        <div className={classes.actions}>
          {broken === null && (
            <Button
              variant="default"
              leftSection={<IconUsers size={15} stroke={1.7} />}
              renderRoot={(props) => (
                <Link
                  to="/w/$slug/people"
                  params={{ slug }}
                  search={{ where: `in segment ${quoted(name)}` }}
                  {...props}
                />
              )}
            >
              {t("menu.list")}
            </Button>
          )}
          <SegmentMenu
            segment={segment}
            onDeleted={() => void navigate({ to: "/w/$slug/segments", params: { slug } })}
          />
        </div>
      </div>
      <p className={classes.facts}>
        <strong className={classes.size}>
          <Count value={size} />
        </strong>{" "}
        {t("people", { count: size })} · {t("computed")} <RelativeTime at={computed_at} zone={timezone} /> ·{" "}
        {t("column.owner")} {author(created_by)}
      </p>
      <div className={classes.about}>
        {mayWrite ? (
          <EditableText
            value={description}
            label={t("edit.description")}
            action={description ? `${t("edit.describe")}: ${description}` : t("edit.addDescription")}
            onSave={describe}
            messageOf={messageOf}
            maxLength={1_000}
            multiline
          >
            {description || <span className={classes.invite}>{t("edit.addDescription")}</span>}
          </EditableText>
        ) : (
          description
        )}
      </div>
    </header>
  );
}

/** From whom the segment is hidden, for those who may know. */
function HiddenBadge({ id }: { id: string }) {
  const { t } = useTranslation("segments");
  const { t: common } = useTranslation();
  const slug = useSlug();
  const nameOf = useNames();
  const { data } = useQuery({
    ...read(HIDDEN, { params: { path: { slug, segment: id } } }),
    enabled: useMay("segments:hide"),
  });
  const from = [
    ...(data?.roles ?? []).map((role) => common(`workspace.roles.${role}` as "workspace.roles.agent")),
    ...(data?.users ?? []).map((user) => nameOf(user) ?? user),
  ];
  if (!from.length) return null;
  return (
    <Badge variant="light" color="orange" size="sm" leftSection={<IconEyeOff size={12} aria-hidden="true" />}>
      {t("hide.from", { who: from.join(", ") })}
    </Badge>
  );
}
