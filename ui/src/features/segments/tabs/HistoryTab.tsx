import { Badge, Button } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { read, type Schemas, useWrite } from "@/api";
import { useMay, useWorkspace } from "@/app/workspace";
import { ErrorState, notifyDone, RelativeTime, RowsSkeleton } from "@/shared";
import { useAuthors } from "@/shared/authors";
import { readable } from "@/shared/sentences";
import { HISTORY, LIST, ONE, PEOPLE } from "../addresses";
import { wordDiff } from "../diff";
import classes from "./tabs.module.css";

type Revision = Schemas["RevisionOut"];

/** Every definition a segment had, with what changed from one to the next; the reader can go back to one. */
export default function HistoryTab({ segment }: { segment: Schemas["SegmentDetail"] }) {
  const { t } = useTranslation("segments");
  const { slug } = useWorkspace();
  const path = { slug, segment: segment.id };
  const mayWrite = useMay("segments:write") && !segment.partly_hidden;
  const history = useQuery({
    ...read(HISTORY, { params: { path, query: { limit: 1 } } }),
    placeholderData: keepPreviousData,
  });
  const restore = useWrite("post", "/api/v1/workspaces/{slug}/segments/{segment}/restore", {
    refresh: [ONE, LIST, HISTORY, PEOPLE],
    onSuccess: () => notifyDone(t("history.restored")),
  });
  if (history.isPending) return <RowsSkeleton />;
  if (history.isError) return <ErrorState error={history.error} retry={() => void history.refetch()} />;
  const { revisions } = history.data;
  return (
    <ol className={classes.list}>
      {revisions.map((revision, place) => (
        <RevisionItem
          key={revision.revision}
          revision={revision}
          before={revisions[place + 1] ?? null}
          isStatic={segment.kind === "static"}
          isCurrent={place === 0}
          restore={
            mayWrite && place > 0
              ? () => restore.mutate({ params: { path }, body: { revision: revision.revision } })
              : null
          }
        />
      ))}
    </ol>
  );
}

interface RevisionItemProps {
  revision: Revision;
  before: Revision | null;
  isStatic: boolean;
  isCurrent: boolean;
  restore: (() => void) | null;
}

function RevisionItem({ revision, before, isStatic, isCurrent, restore }: RevisionItemProps) {
  const { t } = useTranslation("segments");
  const { timezone } = useWorkspace();
  const author = useAuthors();
  const number = revision.revision;
  const renamed = before && before.name !== revision.name;
  const described = before && before.description !== revision.description;
  const redefined = !before || before.sentence !== revision.sentence;
  return (
    <li className={classes.revision}>
      <div className={classes.revisionHead}>
        <strong>{t("history.revision", { number })}</strong>
        {isCurrent && (
          <Badge size="sm" variant="light">
            {t("history.current")}
          </Badge>
        )}
        <span className={classes.quiet}>
          <RelativeTime at={revision.at} zone={timezone} /> {t("history.by", { name: author(revision.by) })}
        </span>
        {restore && (
          <Button
            variant="default"
            size="compact-xs"
            className={classes.end}
            aria-label={t("history.restoreLabel", { number })}
            onClick={restore}
          >
            {t("history.restore")}
          </Button>
        )}
      </div>
      {renamed && <span>{t("history.renamed", { before: before.name, after: revision.name })}</span>}
      {described && <span>{t("history.described")}</span>}
      {isStatic && !before && <span className={classes.quiet}>{t("history.noDefinition")}</span>}
      {!isStatic && redefined && <Sentence before={before?.sentence ?? null} now={revision.sentence} />}
    </li>
  );
}

function Sentence(sentences: { before: string | null; now: string | null }) {
  const { t } = useTranslation("segments");
  const words = { unseen: t("definition.unseen"), deleted: t("definition.deleted") };
  const [before, now] = [sentences.before, sentences.now].map((each) => each && readable(each, words));
  if (!now) return <span className={classes.quiet}>{t("history.unreadable")}</span>;
  if (!before) return <code className={classes.sentence}>{now}</code>;
  let at = 0;
  return (
    <code className={classes.sentence}>
      {wordDiff(before, now).map(({ text, kind }) => {
        at += text.length;
        const key = `${kind} ${at}`;
        if (kind === "same") return <span key={key}>{text}</span>;
        const Tag = kind === "added" ? "ins" : "del";
        return (
          <Tag key={key}>
            <span className="unseen">{t(`history.${kind}`)}: </span>
            {text}
          </Tag>
        );
      })}
    </code>
  );
}
