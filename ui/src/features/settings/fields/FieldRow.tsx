import { useSortable } from "@dnd-kit/sortable";
import { CSS } from "@dnd-kit/utilities";
import { ActionIcon, Button, Switch, Tooltip } from "@mantine/core";
import { IconGripVertical, IconLock, IconPencil } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api";
import classes from "./Fields.module.css";

interface FieldRowProps {
  field: Schemas["FieldOut"];
  isProtected: boolean;
  /** How many people have a value that was not taken. */
  rejected: number;
  movable: boolean;
  onVisible: ((visible: boolean) => void) | undefined;
  onEdit: (() => void) | undefined;
  onRejected: () => void;
}

/** One field: grip, label and name, type, what is wrong with its values, whether it is shown. */
export function FieldRow({ field, isProtected, rejected, movable, onVisible, onEdit, onRejected }: FieldRowProps) {
  const { t } = useTranslation("settings");
  const { attributes, listeners, setNodeRef, setActivatorNodeRef, transform, transition, isDragging } = useSortable({
    id: field.name,
    disabled: !movable,
  });
  return (
    <li
      ref={setNodeRef}
      className={classes.row}
      data-dragging={isDragging || undefined}
      data-hidden={!field.visible || undefined}
      style={{ transform: CSS.Translate.toString(transform), transition }}
    >
      {movable && (
        <button
          type="button"
          ref={setActivatorNodeRef}
          className={classes.grip}
          {...attributes}
          {...listeners}
          aria-label={t("fields.move", { field: field.label })}
        >
          <IconGripVertical size={15} aria-hidden="true" />
        </button>
      )}
      <div className={classes.name}>
        <span className={classes.label}>
          {field.label}
          {isProtected && (
            <Tooltip label={t("fields.protectedText")}>
              <IconLock size={13} role="img" aria-label={t("fields.protected")} />
            </Tooltip>
          )}
        </span>
        <span className={classes.description}>
          {field.label !== field.name && <code>{field.name}</code>}
          {field.description && <span> {field.description}</span>}
        </span>
      </div>
      <div className={classes.side}>
        {rejected > 0 && (
          <Button variant="light" color="orange" size="compact-xs" onClick={onRejected}>
            {t("fields.rejected", { count: rejected })}
          </Button>
        )}
        <span className={classes.type}>{t(`type.${field.type}`)}</span>
        <span className={classes.group}>{t(field.kind === "builtin" ? "fields.builtin" : "fields.custom")}</span>
        <Switch
          size="xs"
          aria-label={t("fields.visible", { field: field.label })}
          checked={field.visible}
          disabled={!onVisible}
          onChange={(event) => onVisible?.(event.currentTarget.checked)}
        />
        {onEdit && (
          <ActionIcon aria-label={t("fields.editOf", { field: field.label })} onClick={onEdit}>
            <IconPencil size={15} />
          </ActionIcon>
        )}
      </div>
    </li>
  );
}
