import { Modal } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { type KeyboardEvent, useCallback, useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { takeEarlyKeys } from "./earlyKeys";
import classes from "./Palette.module.css";
import { SOURCES } from "./sources";
import type { Found } from "./types";

const STEPS: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 };

/**
 * Search over everything, behind mod+K: a group for each row of SOURCES.
 *
 * Not Mantine's Spotlight: that tells screen readers nothing of what is selected.
 */
export default function Palette({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const listId = useId();
  const [query, setQuery] = useState("");
  const groups = useGroups(query.trim());
  const all = groups.flatMap(({ found }) => found);
  // By what it is and not by where it stands: results that come late must not move the selection.
  const [chosen, setChosen] = useState<string | null>(null);
  const selected = all.find((each) => each.id === chosen) ?? all[0];
  // At once: the dialog's own way to the focus takes a turn, in which letters would be lost.
  const focus = useCallback((field: HTMLInputElement | null) => {
    field?.focus({ preventScroll: true });
    if (field) setQuery(takeEarlyKeys());
  }, []);
  const choose = (found: Found) => {
    onClose();
    found.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    if (step !== undefined && selected) {
      event.preventDefault();
      setChosen(all.at((all.indexOf(selected) + step) % all.length)?.id ?? null);
    } else if (event.key === "Enter" && selected && !event.nativeEvent.isComposing) {
      event.preventDefault();
      choose(selected);
    }
  };
  return (
    <Modal.Root
      opened
      onClose={onClose}
      yOffset="12vh"
      size={560}
      radius="lg"
      classNames={{ content: classes.palette ?? "" }}
    >
      <Modal.Overlay backgroundOpacity={0.35} />
      <Modal.Content aria-label={t("palette.open")}>
        <div className={classes.head}>
          <IconSearch size={17} stroke={1.7} aria-hidden="true" />
          <input
            ref={focus}
            className={classes.input}
            data-autofocus
            role="combobox"
            aria-expanded={all.length > 0}
            aria-controls={listId}
            aria-autocomplete="list"
            aria-activedescendant={selected && `${listId}-${selected.id}`}
            aria-label={t("palette.open")}
            placeholder={t("palette.placeholder")}
            autoComplete="off"
            spellCheck={false}
            value={query}
            onChange={(event) => {
              setQuery(event.currentTarget.value);
              setChosen(null);
            }}
            onKeyDown={onKeyDown}
          />
        </div>
        <div id={listId} role="listbox" aria-label={t("palette.open")} className={classes.list}>
          {groups.map(
            ({ key, found }) =>
              found.length > 0 && (
                // biome-ignore lint/a11y/useSemanticElements: a group of options inside a listbox
                <div key={key} role="group" aria-label={t(`palette.${key}`)}>
                  <div className={classes.label} aria-hidden="true">
                    {t(`palette.${key}`)}
                  </div>
                  {found.map((each) => (
                    <Option
                      key={each.id}
                      id={`${listId}-${each.id}`}
                      found={each}
                      selected={each === selected}
                      onHover={() => setChosen(each.id)}
                      onChoose={() => choose(each)}
                    />
                  ))}
                </div>
              ),
          )}
        </div>
        <div role="status">{!all.length && <p className={classes.nothing}>{t("palette.nothing")}</p>}</div>
      </Modal.Content>
    </Modal.Root>
  );
}

function useGroups(query: string) {
  // biome-ignore lint/correctness/useHookAtTopLevel: the table never changes, so the order of hooks does not either
  return SOURCES.map(({ key, useFound }) => ({ key, found: useFound(query) }));
}

interface OptionProps {
  id: string;
  found: Found;
  selected: boolean;
  onHover: () => void;
  onChoose: () => void;
}

function Option({ id, found: { label, description, icon: Icon }, selected, onHover, onChoose }: OptionProps) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (selected) place.current?.scrollIntoView({ block: "nearest" });
  }, [selected]);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents lint/a11y/useFocusableInteractive: keys are the search field's, which keeps the focus
    <div
      ref={place}
      id={id}
      role="option"
      aria-selected={selected}
      className={classes.option}
      onMouseMove={onHover}
      onClick={onChoose}
    >
      <Icon size={16} stroke={1.7} />
      <span className="truncate">{label}</span>
      {description && <span className={`${classes.description} truncate`}>{description}</span>}
    </div>
  );
}
