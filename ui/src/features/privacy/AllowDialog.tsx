import { Button, Group, Modal, Select, Stack, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useWrite } from "@/api";
import { useSlug } from "@/app/workspace";
import { messageOf, notifyDone } from "@/shared";
import classes from "./Privacy.module.css";

const KINDS = ["email", "phone", "user_id", "anonymous_id", "telegram", "messenger", "whatsapp", "sms"] as const;

/** Lets a person who was erased be known again by one of their identities. */
export function AllowDialog({ close }: { close: () => void }) {
  const { t } = useTranslation(["privacy", "profile", "common"]);
  const slug = useSlug();
  const [kind, setKind] = useState<(typeof KINDS)[number]>("email");
  const [value, setValue] = useState("");
  const allow = useWrite("post", "/api/v1/workspaces/{slug}/erasures/allow", {
    meta: { quiet: true },
    onSuccess: () => {
      notifyDone(t("again.done"));
      close();
    },
  });
  return (
    <Modal opened onClose={close} title={t("again.title")} size="sm">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          allow.mutate({ params: { path: { slug } }, body: { kind, value } });
        }}
      >
        <Stack gap="md">
          <p className={classes.text}>{t("again.text")}</p>
          <Select
            label={t("again.kind")}
            allowDeselect={false}
            data={KINDS.map((each) => ({ value: each, label: t(`profile:identity.${each}`) }))}
            value={kind}
            onChange={(chosen) => setKind(KINDS.find((each) => each === chosen) ?? "email")}
          />
          <TextInput
            label={t("again.value")}
            required
            maxLength={512}
            value={value}
            onChange={({ currentTarget }) => setValue(currentTarget.value)}
          />
          <div role="alert">{allow.error && <p className={classes.problem}>{messageOf(allow.error)}</p>}</div>
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={close}>
              {t("common:actions.cancel")}
            </Button>
            <Button type="submit" disabled={!value.trim()} loading={allow.isPending}>
              {t("again.action")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
