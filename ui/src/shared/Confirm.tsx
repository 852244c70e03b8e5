import { Button, Group, Modal, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

interface ConfirmProps {
  opened: boolean;
  title: string;
  text: string;
  action: string;
  busy: boolean;
  /** What can be chosen beside it. */
  children?: ReactNode;
  close: () => void;
  confirm: () => void;
}

/** Asks before something goes that does not come back. The focus starts on Cancel. */
export function Confirm({ opened, title, text, action, busy, children, close, confirm }: ConfirmProps) {
  const { t } = useTranslation();
  return (
    <Modal opened={opened} onClose={close} title={title} size="sm" withCloseButton={false}>
      <Text size="sm" c="dimmed">
        {text}
      </Text>
      {children}
      <Group justify="flex-end" mt="lg" gap="xs">
        <Button variant="default" onClick={close} data-autofocus>
          {t("actions.cancel")}
        </Button>
        <Button color="red" onClick={confirm} loading={busy}>
          {action}
        </Button>
      </Group>
    </Modal>
  );
}
