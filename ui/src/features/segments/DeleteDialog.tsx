import { Anchor, Button, Checkbox, Group, Modal, Stack } from "@mantine/core";
import { type QueryKey, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError, read, type Schemas, useWrite } from "@/api";
import { useSlug } from "@/app/workspace";
import { ErrorState, notifyDone, notifyProblem, RowsSkeleton } from "@/shared";
import { LIST, ONE } from "./addresses";
import type { Segment } from "./data";
import classes from "./dialogs.module.css";

interface DeleteDialogProps {
  segment: Segment;
  onClose: () => void;
  /** After it is gone. */
  onDeleted?: (() => void) | undefined;
}

/** Asks before a segment is deleted; one that is used says where, and has to be confirmed once more. */
export function DeleteDialog({ segment, onClose, onDeleted }: DeleteDialogProps) {
  const { t } = useTranslation("segments");
  const { t: common } = useTranslation();
  const slug = useSlug();
  const client = useQueryClient();
  const path = { slug, segment: segment.id };
  const detail = useQuery({ ...read(ONE, { params: { path } }), staleTime: 0 });
  const [force, setForce] = useState(false);
  // Uses that only the server knows of: it refuses, and says whether there are more than the reader may see.
  const [refused, setRefused] = useState<{ uses: Schemas["UseOut"][]; elsewhere: boolean } | null>(null);
  const uses = refused?.uses ?? detail.data?.uses ?? [];
  const inUse = uses.length > 0 || refused !== null;
  const remove = useWrite("delete", ONE, {
    meta: { quiet: true },
    refresh: [LIST],
    onSuccess: () => {
      // Others may be broken now. This one is not read again: it is gone.
      const others = (key: QueryKey) => !JSON.stringify(key).includes(segment.id);
      void client.invalidateQueries({ queryKey: [ONE], predicate: (query) => others(query.queryKey) });
      notifyDone(t("delete.done", { name: segment.name }));
      onClose();
      onDeleted?.();
    },
    onError: (error) => {
      if (!(error instanceof ApiError) || error.code !== "segment_in_use") return notifyProblem(error);
      const { uses: found = [], elsewhere = false } = error.details as Partial<NonNullable<typeof refused>>;
      setRefused({ uses: found, elsewhere });
    },
  });
  return (
    <Modal opened onClose={onClose} title={t("delete.title", { name: segment.name })}>
      <Stack gap="sm">
        <p className={classes.text}>{t("delete.text")}</p>
        {detail.isPending && <RowsSkeleton rows={1} />}
        {detail.isError && <ErrorState error={detail.error} retry={() => void detail.refetch()} />}
        {inUse && (
          <div className={classes.warning}>
            {uses.length > 0 && <p className={classes.text}>{t("delete.used")}</p>}
            <ul className={classes.uses}>
              {uses.map((use) => (
                <li key={use.id}>
                  {use.kind === "segment" ? (
                    <Anchor
                      size="sm"
                      onClick={onClose}
                      renderRoot={(props) => (
                        <Link
                          to="/w/$slug/segments/$segment"
                          params={{ slug, segment: use.id }}
                          search={{ tab: "uses" }}
                          {...props}
                        />
                      )}
                    >
                      {use.name}
                    </Anchor>
                  ) : (
                    `${use.name} (${t(`usesTab.kinds.${use.kind}` as "usesTab.kinds.view", { defaultValue: use.kind })})`
                  )}
                </li>
              ))}
            </ul>
            {refused?.elsewhere && <p className={classes.text}>{t("delete.elsewhere")}</p>}
            <Checkbox
              label={t("delete.force")}
              checked={force}
              onChange={(event) => setForce(event.currentTarget.checked)}
            />
          </div>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose} data-autofocus>
            {common("actions.cancel")}
          </Button>
          <Button
            color="red"
            loading={remove.isPending}
            disabled={detail.isPending || (inUse && !force)}
            onClick={() => remove.mutate({ params: { path, query: { force } } })}
          >
            {t("delete.button")}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
