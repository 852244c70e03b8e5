import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { i18n } from "@/i18n";
import { messageOf } from "./messages";

interface Further {
  /** Takes the change back; shows an Undo button for 8 seconds. */
  undo?: () => void;
  /** Another thing to do about it, such as to look at it. */
  action?: { label: string; run: () => void };
}

/** A toast that says what was done. */
export function notifyDone(message: string, { undo, action }: Further = {}): void {
  const id = crypto.randomUUID();
  const offered = undo ? { label: i18n.t("actions.undo"), run: undo } : action;
  const take = () => {
    notifications.hide(id);
    offered?.run();
  };
  notifications.show({
    id,
    message: offered ? (
      <span style={{ display: "flex", alignItems: "center", gap: 12 }}>
        <span style={{ flex: 1 }}>{message}</span>
        <Button variant="subtle" size="compact-xs" onClick={take}>
          {offered.label}
        </Button>
      </span>
    ) : (
      message
    ),
    withBorder: true,
    closeButtonProps: { "aria-label": i18n.t("actions.close") },
    autoClose: offered ? 8000 : 4000,
    role: "status",
  });
}

/** A toast for an error. Failures of `useWrite` come here by themselves. */
export function notifyProblem(error: unknown): void {
  const message = messageOf(error);
  notifications.show({
    id: `problem ${message}`, // the same problem twice is one toast
    title: i18n.t("problem.title"),
    message,
    color: "red",
    withBorder: true,
    closeButtonProps: { "aria-label": i18n.t("actions.close") },
    autoClose: 8000,
    role: "alert",
  });
}
