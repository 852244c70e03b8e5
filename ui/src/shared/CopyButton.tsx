import { ActionIcon, Tooltip } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { announce } from "./announce";

/** Copies a text; `label` says what it is, where "Copy" alone would be unclear. */
export function CopyButton({ value, label }: { value: string; label?: string }) {
  const { t } = useTranslation();
  const clipboard = useClipboard({ timeout: 1500 });
  const text = clipboard.copied ? t("actions.copied") : (label ?? t("actions.copy"));
  return (
    <Tooltip label={text}>
      <ActionIcon
        aria-label={label ?? t("actions.copy")}
        onClick={() => {
          clipboard.copy(value);
          announce(t("actions.copied"));
        }}
      >
        {clipboard.copied ? <IconCheck size={15} /> : <IconCopy size={15} />}
      </ActionIcon>
    </Tooltip>
  );
}
