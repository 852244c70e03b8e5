import { Textarea, TextInput, UnstyledButton } from "@mantine/core";
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from "react";
import classes from "./EditableText.module.css";

interface EditableTextProps {
  value: string;
  /** The field's name for screen readers. */
  label: string;
  /** The button's name. */
  action: string;
  /** What stands there: the text as it looks, or an invitation to write one. */
  children: ReactNode;
  /** Resolves when it is saved; what it throws is shown at the field. */
  onSave: (text: string) => Promise<unknown>;
  messageOf: (error: unknown) => string;
  maxLength: number;
  required?: boolean;
  multiline?: boolean;
}

/** A text that becomes a field when it is clicked. Enter or leaving it saves, Escape takes it back. */
export function EditableText(props: EditableTextProps) {
  const { value, label, action, children, onSave, messageOf, maxLength, required = false, multiline = false } = props;
  const [draft, setDraft] = useState<string | null>(null);
  const [error, setError] = useState<string | null>(null);
  const saving = useRef(false);
  const button = useRef<HTMLButtonElement>(null);
  const closed = useRef(false);
  const close = () => {
    setDraft(null);
    setError(null);
    closed.current = true;
  };
  // Once the button is there again, however long that takes.
  useEffect(() => {
    if (draft === null && closed.current) button.current?.focus();
    closed.current = false;
  }, [draft]);
  const save = async () => {
    const text = (draft ?? "").trim();
    if (saving.current) return;
    if (text === value.trim() || (required && !text)) return close();
    saving.current = true;
    try {
      await onSave(text);
      close();
    } catch (problem) {
      setError(messageOf(problem));
    } finally {
      saving.current = false;
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") {
      event.preventDefault();
      close();
    } else if (event.key === "Enter" && !(multiline && event.shiftKey)) {
      event.preventDefault();
      void save();
    }
  };
  if (draft === null) {
    return (
      <UnstyledButton ref={button} className={classes.text} aria-label={action} onClick={() => setDraft(value)}>
        {children}
      </UnstyledButton>
    );
  }
  const field = {
    "aria-label": label,
    size: "xs" as const,
    autoFocus: true,
    value: draft,
    error,
    maxLength,
    className: classes.field,
    onKeyDown,
    onBlur: () => void save(),
  };
  return multiline ? (
    <Textarea {...field} autosize minRows={1} onChange={(event) => setDraft(event.currentTarget.value)} />
  ) : (
    <TextInput {...field} onChange={(event) => setDraft(event.currentTarget.value)} />
  );
}
