import { Anchor, Badge, Button, Table } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useWrite } from "@/api";
import { useMay, useWorkspace } from "@/app/workspace";
import { notifyDone, RelativeTime, reasonText } from "@/shared";
import { type Side, SUGGESTIONS, type Suggestion } from "./addresses";
import MergeDialog from "./MergeDialog";
import classes from "./Merging.module.css";
import { nameOf, sharedOf } from "./sides";

/** Pairs of people side by side, why they may be one, and what can be done about each. */
export function SuggestionTable({ suggestions }: { suggestions: readonly Suggestion[] }) {
  const { t } = useTranslation("merging");
  const mayWrite = useMay("people:write");
  const [comparing, setComparing] = useState<Suggestion | null>(null);
  const { table, leaving } = useFocusOnNext(suggestions, comparing !== null);
  const [one, two] = comparing?.people ?? [];
  return (
    <>
      <Table.ScrollContainer minWidth={820} type="native">
        <Table ref={table} aria-label={t("title")} className={classes.pairs} data-stack>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("column.one")}</Table.Th>
              <Table.Th>{t("column.two")}</Table.Th>
              <Table.Th w={190}>{t("column.why")}</Table.Th>
              {mayWrite && (
                <Table.Th w={170}>
                  <span className="unseen">{t("column.actions")}</span>
                </Table.Th>
              )}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {suggestions.map((each) => (
              <Table.Tr key={each.id}>
                {each.people.map((person) => (
                  <Table.Td key={person.number} className={classes.side}>
                    <Facts person={person} shared={sharedOf(each.people)} />
                  </Table.Td>
                ))}
                <Table.Td data-cell="wide">
                  <div className={classes.why}>
                    <span className={classes.reason}>{reasonText(each)}</span>
                    <Badge variant="light" color={each.score === 100 ? "iris" : "gray"} size="sm">
                      {t("score", { score: each.score })}
                    </Badge>
                  </div>
                </Table.Td>
                {mayWrite && (
                  <Table.Td data-cell="wide">
                    <Decide
                      suggestion={each}
                      onCompare={() => {
                        leaving(each.id);
                        setComparing(each);
                      }}
                      onDecide={() => leaving(each.id)}
                    />
                  </Table.Td>
                )}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {one && two && (
        <MergeDialog
          number={one.number}
          other={two.number}
          close={() => setComparing(null)}
          // Whoever goes through the list stays in it.
          onMerged={() => undefined}
        />
      )}
    </>
  );
}

/** A row that goes takes the focus with it: it goes on to the row that comes in its place. */
function useFocusOnNext(suggestions: readonly Suggestion[], isCovered: boolean) {
  const table = useRef<HTMLTableElement>(null);
  const left = useRef<{ id: number; place: number } | null>(null);
  useEffect(() => {
    const { id, place } = left.current ?? {};
    if (place === undefined || isCovered || suggestions.some((each) => each.id === id)) return;
    left.current = null;
    if (document.activeElement !== document.body) return;
    const rows = table.current?.querySelectorAll("tbody tr") ?? [];
    rows[Math.min(place, rows.length - 1)]?.querySelector("a")?.focus();
  }, [suggestions, isCovered]);
  return {
    table,
    /** To be told which row is about to go. */
    leaving: (id: number) => {
      left.current = { id, place: suggestions.findIndex((each) => each.id === id) };
    },
  };
}

/** One of the two; what they share with the other stands out. */
function Facts({ person, shared }: { person: Side; shared: ReadonlySet<keyof Side> }) {
  const { t } = useTranslation("merging");
  const { slug, timezone } = useWorkspace();
  const fact = (key: "email" | "phone" | "country") =>
    person[key] && (
      <li key={key} data-shared={shared.has(key) || undefined}>
        {person[key]}
      </li>
    );
  return (
    <>
      <Anchor
        size="sm"
        className={classes.name}
        renderRoot={(props) => (
          <Link to="/w/$slug/people/$number" params={{ slug, number: person.number }} {...props} />
        )}
      >
        {nameOf(person, t)}
      </Anchor>{" "}
      <span className={classes.faint}>{t("numbered", person)}</span>
      <ul className={classes.facts}>
        {fact("email")}
        {fact("phone")}
        {fact("country")}
        {person.last_seen && (
          <li>
            {t("seen")} <RelativeTime at={person.last_seen} zone={timezone} />
          </li>
        )}
      </ul>
    </>
  );
}

interface DecideProps {
  suggestion: Suggestion;
  onCompare: () => void;
  /** Called when it is about to leave the list. */
  onDecide: () => void;
}

/** Compare and merge, or remember that they are not the same; for those, the way back. */
function Decide({ suggestion: { id, people, state }, onCompare, onDecide }: DecideProps) {
  const { t } = useTranslation("merging");
  const { slug } = useWorkspace();
  const [one = "", two = ""] = people.map((person) => nameOf(person, t));
  const names = { one, two };
  const params = { path: { slug, suggestion: id } };
  const reopen = useWrite("post", `${SUGGESTIONS}/{suggestion}/reopen`, {
    refresh: [SUGGESTIONS],
    onSuccess: () => notifyDone(t("apart.reopened", names)),
  });
  const dismiss = useWrite("post", `${SUGGESTIONS}/{suggestion}/dismiss`, {
    refresh: [SUGGESTIONS],
    onSuccess: () => notifyDone(t("apart.done", names), { undo: () => reopen.mutate({ params }) }),
  });
  if (state === "dismissed") {
    return (
      <div className={classes.actions}>
        <Button
          variant="default"
          size="compact-sm"
          loading={reopen.isPending}
          aria-label={t("action.reopenOf", names)}
          onClick={() => {
            onDecide();
            reopen.mutate({ params });
          }}
        >
          {t("action.reopen")}
        </Button>
      </div>
    );
  }
  return (
    <div className={classes.actions}>
      <Button variant="default" size="compact-sm" aria-label={t("action.compareOf", names)} onClick={onCompare}>
        {t("action.compare")}
      </Button>
      <Button
        variant="subtle"
        size="compact-sm"
        loading={dismiss.isPending}
        aria-label={t("action.apartOf", names)}
        onClick={() => {
          onDecide();
          dismiss.mutate({ params });
        }}
      >
        {t("action.apart")}
      </Button>
    </div>
  );
}
