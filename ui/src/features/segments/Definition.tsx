import { ActionIcon, Button, Group, Tooltip } from "@mantine/core";
import { IconPencil } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api";
import { useMay } from "@/app/workspace";
import { FilterEditor } from "@/features/people";
import { CopyButton, messageOf, notifyDone } from "@/shared";
import { readable } from "@/shared/sentences";
import classes from "./Definition.module.css";
import { useChange } from "./data";

/** What a segment is: its filter as a sentence, which those who may can change here. */
export function Definition({ segment }: { segment: Schemas["SegmentDetail"] }) {
  const { t } = useTranslation("segments");
  const mayWrite = useMay("segments:write");
  const [editing, setEditing] = useState(false);
  const { sentence, kind, partly_hidden } = segment;
  const words = { unseen: t("definition.unseen"), deleted: t("definition.deleted") };
  if (kind === "static") return <p className={classes.note}>{t("definition.staticText")}</p>;
  return (
    <section className={classes.definition} aria-label={t("definition.title")}>
      {editing ? (
        <DefinitionForm segment={segment} onClose={() => setEditing(false)} />
      ) : (
        <div className={classes.shown}>
          <code className={classes.sentence}>
            {sentence === null ? t("history.unreadable") : readable(sentence, words)}
          </code>
          {sentence && <CopyButton value={sentence} />}
          {mayWrite && !partly_hidden && (
            <Tooltip label={t("definition.edit")}>
              <ActionIcon aria-label={t("definition.edit")} onClick={() => setEditing(true)}>
                <IconPencil size={15} stroke={1.7} />
              </ActionIcon>
            </Tooltip>
          )}
        </div>
      )}
      {mayWrite && partly_hidden && <p className={classes.hint}>{t("definition.hidden")}</p>}
    </section>
  );
}

function DefinitionForm({ segment, onClose }: { segment: Schemas["SegmentDetail"]; onClose: () => void }) {
  const { t } = useTranslation("segments");
  const { t: common } = useTranslation();
  const change = useChange(segment);
  const [where, setWhere] = useState(segment.sentence ?? "");
  const [error, setError] = useState<string | null>(null);
  const [saving, setSaving] = useState(false);
  const save = async () => {
    setSaving(true);
    try {
      await change({ where });
      notifyDone(t("definition.saved"));
      onClose();
    } catch (problem) {
      setError(messageOf(problem));
      setSaving(false);
    }
  };
  const edit = (next: string) => {
    setWhere(next);
    setError(null);
  };
  return (
    <div className={classes.form}>
      <FilterEditor where={where} onWhere={edit} before={segment.size} />
      {error && (
        <p className={classes.problem} role="alert">
          {error}
        </p>
      )}
      <Group gap="xs">
        <Button loading={saving} disabled={!where.trim() || where === segment.sentence} onClick={() => void save()}>
          {common("actions.save")}
        </Button>
        <Button variant="default" onClick={onClose}>
          {common("actions.cancel")}
        </Button>
        {!where.trim() && <span className={classes.hint}>{t("definition.needed")}</span>}
      </Group>
    </div>
  );
}
