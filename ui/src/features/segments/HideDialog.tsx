import { Button, Group, Modal, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { read, type Schemas, useWrite } from "@/api";
import { useSlug } from "@/app/workspace";
import { ErrorState, notifyDone, RowsSkeleton } from "@/shared";
import { HIDDEN } from "./addresses";
import type { Segment } from "./data";
import classes from "./dialogs.module.css";
import { type Hidden, HiddenFields } from "./HiddenFields";

/** From whom a segment is hidden: roles and members. */
export function HideDialog({ segment, onClose }: { segment: Segment; onClose: () => void }) {
  const { t } = useTranslation("segments");
  const slug = useSlug();
  const hidden = useQuery({
    ...read(HIDDEN, { params: { path: { slug, segment: segment.id } } }),
    staleTime: 0,
  });
  return (
    <Modal opened onClose={onClose} title={t("hide.title", { name: segment.name })}>
      <Stack gap="sm">
        <p className={classes.text}>{t("hide.text")}</p>
        {hidden.isError && <ErrorState error={hidden.error} retry={() => void hidden.refetch()} />}
        {hidden.isFetching ? (
          <RowsSkeleton rows={4} />
        ) : (
          hidden.data && <HideForm segment={segment} hidden={hidden.data} onClose={onClose} />
        )}
      </Stack>
    </Modal>
  );
}

interface HideFormProps {
  segment: Segment;
  hidden: Schemas["HiddenOut"];
  onClose: () => void;
}

function HideForm({ segment, hidden, onClose }: HideFormProps) {
  const { t } = useTranslation("segments");
  const { t: common } = useTranslation();
  const slug = useSlug();
  const [from, setFrom] = useState<Hidden>({ roles: hidden.roles as Schemas["Role"][], users: hidden.users });
  const save = useWrite("put", HIDDEN, {
    refresh: [HIDDEN],
    onSuccess: () => {
      notifyDone(t("hide.done"));
      onClose();
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const body = { roles: [...from.roles], users: [...from.users] };
        save.mutate({ params: { path: { slug, segment: segment.id } }, body });
      }}
    >
      <Stack gap="md">
        <HiddenFields value={from} onChange={setFrom} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {common("actions.cancel")}
          </Button>
          <Button type="submit" loading={save.isPending}>
            {common("actions.save")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
