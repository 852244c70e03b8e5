import { ActionIcon, Tabs, Tooltip } from "@mantine/core";
import { IconArrowsMaximize, IconChevronDown, IconChevronUp, IconX } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { type ReactNode, type RefObject, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay, useSlug } from "@/app/workspace";
import { ErrorState, RowsSkeleton, useShortcut } from "@/shared";
import { Details } from "./Details";
import { Header } from "./Header";
import { Notes } from "./Notes";
import classes from "./Panel.module.css";
import { PersonSegments } from "./PersonSegments";
import { Timeline } from "./Timeline";
import { useFollow } from "./useFollow";
import { usePerson } from "./usePerson";
import { headOf } from "./values";

export interface ProfilePanelProps {
  /** The person's number. */
  number: number;
  onClose: () => void;
  /** Go to the row above; left out at the first. */
  onPrevious?: (() => void) | undefined;
  /** Go to the row below; left out at the last. */
  onNext?: (() => void) | undefined;
}

/** One person beside the list; see the feature's index. */
export default function Panel({ number, onClose, onPrevious, onNext }: ProfilePanelProps) {
  const { t } = useTranslation("profile");
  const slug = useSlug();
  const person = usePerson(number);
  const panel = useRef<HTMLElement>(null);
  const [tab, setTab] = useState<string>("details");
  const mayEvents = useMay("events:read");
  const maySegments = useMay("segments:read");
  useFollow(number);
  useReturningFocus(panel);
  useShortcut("escape", { label: t("panel.close"), run: () => !isMenuOpen() && onClose() });
  useShortcut(onPrevious ? "k" : null, { label: t("panel.previous"), run: () => onPrevious?.() });
  useShortcut(onNext ? "j" : null, { label: t("panel.next"), run: () => onNext?.() });

  const name = person.data && headOf(person.data.data, t("unnamed", { number })).name;
  const tools = (
    <>
      <Tool label={t("panel.previous")} onClick={onPrevious} disabled={!onPrevious}>
        <IconChevronUp size={17} />
      </Tool>
      <Tool label={t("panel.next")} onClick={onNext} disabled={!onNext}>
        <IconChevronDown size={17} />
      </Tool>
      <Tooltip label={t("panel.page")}>
        <ActionIcon
          aria-label={t("panel.page")}
          renderRoot={(props) => <Link to="/w/$slug/people/$number" params={{ slug, number }} {...props} />}
        >
          <IconArrowsMaximize size={15} />
        </ActionIcon>
      </Tooltip>
    </>
  );
  return (
    <aside ref={panel} className={classes.panel} aria-label={name ?? t("unnamed", { number })} tabIndex={-1}>
      <div className={classes.close}>
        <Tool label={t("panel.close")} onClick={onClose}>
          <IconX size={17} />
        </Tool>
      </div>
      {person.isPending && <RowsSkeleton rows={10} />}
      {person.isError && <ErrorState error={person.error} retry={() => void person.refetch()} />}
      {person.data && (
        <>
          <Header person={person.data} heading="h2" tools={tools} onDeleted={onClose} />
          <Tabs
            value={tab}
            onChange={(value) => setTab(value ?? "details")}
            keepMounted={false}
            classNames={{ root: classes.tabs, panel: classes.content, list: classes.list, tab: classes.tab }}
          >
            <Tabs.List>
              <Tabs.Tab value="details">{t("tab.details")}</Tabs.Tab>
              {mayEvents && <Tabs.Tab value="timeline">{t("tab.timeline")}</Tabs.Tab>}
              <Tabs.Tab value="notes">{t("tab.notes")}</Tabs.Tab>
              {maySegments && <Tabs.Tab value="segments">{t("tab.segments")}</Tabs.Tab>}
            </Tabs.List>
            <Tabs.Panel value="details">
              <Details key={number} person={person.data} />
            </Tabs.Panel>
            <Tabs.Panel value="timeline">
              <Timeline number={number} />
            </Tabs.Panel>
            <Tabs.Panel value="notes">
              <Notes key={number} number={number} />
            </Tabs.Panel>
            <Tabs.Panel value="segments">
              <PersonSegments number={number} />
            </Tabs.Panel>
          </Tabs>
        </>
      )}
    </aside>
  );
}

/** Escape belongs to the menu that is open, and then to the panel. */
function isMenuOpen(): boolean {
  return [...document.querySelectorAll("[role='menu'], [role='listbox']")].some((each) => each.checkVisibility());
}

interface ToolProps {
  label: string;
  onClick: (() => void) | undefined;
  disabled?: boolean;
  children: ReactNode;
}

function Tool({ label, onClick, disabled = false, children }: ToolProps) {
  return (
    <Tooltip label={label}>
      {/* Disabled for the eye and for readers, not for the focus: it must not fall out of the panel at the last row. */}
      <ActionIcon
        aria-label={label}
        aria-disabled={disabled}
        {...(disabled && { "data-disabled": true })}
        onClick={() => !disabled && onClick?.()}
      >
        {children}
      </ActionIcon>
    </Tooltip>
  );
}

/** Takes the focus when the panel opens, and gives it back to where it was when it closes. */
function useReturningFocus(panel: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const before = document.activeElement;
    const box = panel.current;
    box?.focus({ preventScroll: true });
    return () => {
      // Someone who went on elsewhere meanwhile stays there.
      const lost = document.activeElement === document.body || box?.contains(document.activeElement);
      if (lost && before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, [panel]);
}
