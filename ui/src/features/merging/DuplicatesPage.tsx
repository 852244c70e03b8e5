import { Button, SegmentedControl } from "@mantine/core";
import { IconArrowMerge, IconX } from "@tabler/icons-react";
import { getRouteApi } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { EmptyState, ErrorState, More, PageHeader, RowsSkeleton } from "@/shared";
import { Journal } from "./Journal";
import { Looked, useLook } from "./Looked";
import classes from "./Merging.module.css";
import { OTHERS } from "./routes";
import { SuggestionTable } from "./SuggestionTable";
import { useMerges, useSuggestions } from "./usePages";

const route = getRouteApi("/w/$slug/tools/duplicates");

/** People who may be the same, those who were told apart, and the journal of merges. */
export function DuplicatesPage() {
  const { t } = useTranslation("merging");
  const { show, person } = route.useSearch();
  const navigate = route.useNavigate();
  const View = show === "merges" ? Merges : show === "dismissed" ? Dismissed : Open;
  return (
    <View person={person}>
      <div className={classes.toolbar}>
        <SegmentedControl
          size="xs"
          aria-label={t("show.label")}
          data={["open" as const, ...OTHERS].map((value) => ({ value, label: t(`show.${value}`) }))}
          value={show ?? "open"}
          onChange={(value) => {
            const known = OTHERS.find((each) => each === value);
            void navigate({
              search: (now) => ({ ...(now.person && { person: now.person }), ...(known && { show: known }) }),
            });
          }}
        />
        {person !== undefined && (
          <Button
            variant="light"
            rightSection={<IconX size={13} role="img" aria-label={t("all")} />}
            onClick={() => void navigate({ search: show ? { show } : {} })}
          >
            {t("only", { number: person })}
          </Button>
        )}
      </div>
    </View>
  );
}

interface ViewProps {
  /** Only what is about this person. */
  person: number | undefined;
  /** The choice between the views. */
  children: ReactNode;
}

function Open({ person, children }: ViewProps) {
  const { t } = useTranslation("merging");
  const query = useSuggestions("open", person);
  const look = useLook();
  const rows = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      <PageHeader title={t("title")} actions={rows.length > 0 && look.button} />
      {children}
      <Looked look={look} />
      <Listed query={query} isEmpty={!rows.length} view="open" action={look.button}>
        <SuggestionTable suggestions={rows} />
      </Listed>
    </>
  );
}

function Dismissed({ person, children }: ViewProps) {
  const { t } = useTranslation("merging");
  const query = useSuggestions("dismissed", person);
  const rows = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      <PageHeader title={t("title")} />
      {children}
      <Listed query={query} isEmpty={!rows.length} view="dismissed">
        <SuggestionTable suggestions={rows} />
      </Listed>
    </>
  );
}

function Merges({ person, children }: ViewProps) {
  const { t } = useTranslation("merging");
  const query = useMerges(person);
  const rows = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      <PageHeader title={t("title")} />
      {children}
      <Listed query={query} isEmpty={!rows.length} view="merges">
        <Journal merges={rows} />
      </Listed>
    </>
  );
}

interface ListedProps {
  query: ReturnType<typeof useSuggestions> | ReturnType<typeof useMerges>;
  isEmpty: boolean;
  view: "open" | "dismissed" | "merges";
  action?: ReactNode;
  children: ReactNode;
}

/** A list that is read page by page, or why there is none. */
function Listed({ query, isEmpty, view, action, children }: ListedProps) {
  const { t } = useTranslation(["merging", "common"]);
  return (
    <>
      {query.isPending && <RowsSkeleton />}
      {query.isError && <ErrorState error={query.error} retry={() => void query.refetch()} />}
      {query.isSuccess && isEmpty && (
        <EmptyState
          icon={<IconArrowMerge size={22} />}
          title={t(`empty.${view}.title`)}
          text={t(`empty.${view}.text`)}
          action={action}
        />
      )}
      {!isEmpty && children}
      <More query={query} edge />
    </>
  );
}
