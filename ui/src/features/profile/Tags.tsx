import { ActionIcon, Autocomplete, Button, CloseButton } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconPlus } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { read } from "@/api";
import { useMay, useSlug } from "@/app/workspace";
import { notifyDone } from "@/shared";
import classes from "./Details.module.css";
import { Section } from "./Section";
import { type Person, useLoudChange } from "./usePerson";

/** The person's tags, to add and to take off; each can be taken back. */
export function Tags({ person }: { person: Person }) {
  const { t } = useTranslation("profile");
  const mayWrite = useMay("people:write");
  const [adding, setAdding] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  const change = useLoudChange(person.number);
  const add = (tag: string) => {
    const undo = () => change({ remove_tags: [tag] });
    change({ add_tags: [tag] }, () => notifyDone(t("tags.added", { tag }), { undo }));
  };
  const remove = (tag: string) => {
    const undo = () => change({ add_tags: [tag] });
    change({ remove_tags: [tag] }, () => notifyDone(t("tags.removed", { tag }), { undo }));
  };
  const close = () => {
    setAdding(false);
    requestAnimationFrame(() => opener.current?.focus());
  };
  return (
    <Section
      title={t("tags.title")}
      tools={
        mayWrite &&
        !adding &&
        person.tags.length > 0 && (
          <ActionIcon ref={opener} size="sm" aria-label={t("tags.add")} onClick={() => setAdding(true)}>
            <IconPlus size={14} />
          </ActionIcon>
        )
      }
    >
      {person.tags.length > 0 && (
        <span className={classes.chips}>
          {person.tags.map((tag) => (
            <span className={classes.chip} key={tag} data-removable={mayWrite || undefined}>
              {tag}
              {mayWrite && <CloseButton size={18} aria-label={t("tags.remove", { tag })} onClick={() => remove(tag)} />}
            </span>
          ))}
        </span>
      )}
      {adding && <TagInput taken={person.tags} add={add} close={close} />}
      {!adding && !person.tags.length && mayWrite && (
        <Button
          ref={opener}
          className={classes.more}
          variant="subtle"
          size="compact-xs"
          leftSection={<IconPlus size={14} />}
          onClick={() => setAdding(true)}
        >
          {t("tags.add")}
        </Button>
      )}
      {!mayWrite && !person.tags.length && <span className={classes.none}>—</span>}
    </Section>
  );
}

interface TagInputProps {
  taken: readonly string[];
  add: (tag: string) => void;
  close: () => void;
}

/** A tag to add, with those that other people have. */
function TagInput({ taken, add, close }: TagInputProps) {
  const { t } = useTranslation("profile");
  const slug = useSlug();
  const [text, setText] = useState("");
  const [search] = useDebouncedValue(text, 120);
  const found = useQuery({
    ...read("/api/v1/workspaces/{slug}/facets/{field}", {
      params: { path: { slug, field: "tags" }, query: { search, limit: 20 } },
    }),
    placeholderData: keepPreviousData,
  });
  const put = (tag: string) => {
    if (!tag.trim()) return;
    add(tag.trim());
    setText("");
    close();
  };
  return (
    <Autocomplete
      mt={6}
      size="xs"
      autoFocus
      aria-label={t("tags.new")}
      placeholder={t("tags.new")}
      value={text}
      onChange={setText}
      onOptionSubmit={put}
      data={(found.data?.values ?? []).map(({ value }) => String(value)).filter((tag) => !taken.includes(tag))}
      onBlur={() => !text && close()}
      onKeyDown={(event) => {
        if (event.key === "Escape") {
          event.stopPropagation();
          close();
        }
        // An option that is chosen by the arrow keys comes by onOptionSubmit.
        if (event.key === "Enter" && !event.currentTarget.getAttribute("aria-activedescendant")) put(text);
      }}
    />
  );
}
