import { Button, Checkbox, Group, Modal, Stack, TextInput } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useWrite } from "@/api";
import { useSlug } from "@/app/workspace";
import { messageOf, notifyDone } from "@/shared";
import { ERASURES } from "./addresses";
import classes from "./Privacy.module.css";

export interface EraseProps {
  number: number;
  name: string;
  close: () => void;
  /** Called when the erasure has begun. */
  begun: () => void;
}

/** Says what goes with a person, and asks for a reference and a second yes. */
export default function EraseDialog({ number, name, close, begun }: EraseProps) {
  const { t } = useTranslation("privacy");
  const { t: common } = useTranslation();
  const slug = useSlug();
  const navigate = useNavigate();
  const [reason, setReason] = useState("");
  const [sure, setSure] = useState(false);
  const erase = useWrite("post", "/api/v1/workspaces/{slug}/people/erase", {
    meta: { quiet: true },
    refresh: [ERASURES, "/api/v1/workspaces/{slug}/people", "/api/v1/workspaces/{slug}/segments"],
    onSuccess: () => {
      const show = () => void navigate({ to: "/w/$slug/privacy", params: { slug } });
      notifyDone(t("erase.begun", { name }), { action: { label: t("erase.show"), run: show } });
      close();
      begun();
    },
  });
  return (
    <Modal opened onClose={close} title={t("erase.title", { name })} size="md">
      <Stack gap="md">
        <p className={classes.text}>{t("erase.text")}</p>
        <TextInput
          label={t("erase.reason")}
          description={t("erase.reasonHint")}
          maxLength={200}
          value={reason}
          onChange={({ currentTarget }) => setReason(currentTarget.value)}
        />
        <Checkbox
          label={t("erase.sure")}
          checked={sure}
          onChange={({ currentTarget }) => setSure(currentTarget.checked)}
        />
        <div role="alert">{erase.error && <p className={classes.problem}>{messageOf(erase.error)}</p>}</div>
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={close}>
            {common("actions.cancel")}
          </Button>
          <Button
            color="red"
            disabled={!sure}
            loading={erase.isPending}
            onClick={() => erase.mutate({ params: { path: { slug } }, body: { people: [number], reason } })}
          >
            {t("erase.action")}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
