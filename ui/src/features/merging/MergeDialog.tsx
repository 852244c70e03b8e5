import { Button, Group, Modal, Stack } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useWrite } from "@/api";
import { useSlug } from "@/app/workspace";
import { headOf } from "@/features/profile";
import { ErrorState, messageOf, notifyDone, RowsSkeleton } from "@/shared";
import { PersonPicker } from "@/shared/PersonPicker";
import { PERSON, STALE } from "./addresses";
import { Comparison } from "./Comparison";
import { choicesOf, type Picks, valuesOf } from "./choices";
import classes from "./Merging.module.css";
import { usePreview } from "./usePreview";
import { useUnmerge } from "./useUnmerge";

export interface MergeProps {
  number: number;
  /** Whom to merge with; without it, they are searched for. */
  other?: number | undefined;
  close: () => void;
  /** Called when they are one; without it the survivor is shown. */
  onMerged?: () => void;
}

const NOTHING: Picks = new Map();

/** Makes one person of two: shows where they differ and lets choose whose value stays. It can be undone. */
export default function MergeDialog({ number: asked, other, close, onMerged }: MergeProps) {
  const { t } = useTranslation(["merging", "common"]);
  const slug = useSlug();
  const navigate = useNavigate();
  // A profile shows the survivor as soon as they are one, while this is still open.
  const [number] = useState(asked);
  const [chosen, setChosen] = useState(other);
  const [picks, setPicks] = useState(NOTHING);
  const preview = usePreview(number, chosen);
  const { undo } = useUnmerge();
  const merge = useWrite("post", `${PERSON}/merge`, {
    meta: { quiet: true },
    refresh: STALE,
    onSuccess: (done) => {
      notifyDone(t("merge.done", { ...names(), number: t("numbered", { number: done.number }) }), {
        undo: () => undo(done.merge),
      });
      close();
      if (onMerged) onMerged();
      else void navigate({ to: "/w/$slug/people/$number", params: { slug, number: done.number } });
    },
    // Somebody may have changed or merged one of them meanwhile.
    onError: () => void preview.refetch(),
  });
  const found = preview.isSuccess ? preview.data : undefined;
  const names = () => {
    const name = (side: "survivor" | "merged") =>
      found ? headOf(valuesOf(found, side), t("person", { number: found[side].number })).name : "";
    return { survivor: name("survivor"), merged: name("merged") };
  };
  return (
    <Modal opened onClose={close} size="xl" title={t("merge.title")}>
      <Stack gap="sm">
        <p className={classes.text}>{t("merge.text")}</p>
        {other === undefined && (
          <PersonPicker
            label={t("merge.with")}
            without={[number]}
            choose={(next) => {
              setChosen(next);
              setPicks(NOTHING);
              merge.reset();
            }}
          />
        )}
        {preview.isLoading && <RowsSkeleton rows={4} />}
        {preview.isError && <ErrorState error={preview.error} retry={() => void preview.refetch()} />}
        {found && (
          <Comparison
            preview={found}
            names={names()}
            picks={picks}
            pick={(field, whose) => setPicks(new Map(picks).set(field, whose))}
          />
        )}
        <div role="alert">
          {merge.error && !preview.isError && <p className={classes.problem}>{messageOf(merge.error)}</p>}
        </div>
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={close}>
            {t("common:actions.cancel")}
          </Button>
          <Button
            disabled={!found}
            loading={merge.isPending}
            onClick={() =>
              found &&
              chosen !== undefined &&
              merge.mutate({
                params: { path: { slug, number } },
                body: { other: chosen, choices: choicesOf(found, picks) },
              })
            }
          >
            {t("merge.action")}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
