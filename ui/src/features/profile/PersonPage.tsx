import { Anchor, Tabs } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconArrowLeft } from "@tabler/icons-react";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/workspace";
import { MaybeSame } from "@/features/merging";
import { ErrorState, RowsSkeleton, useTitle } from "@/shared";
import { Details, Fields, Traces } from "./Details";
import { type Draft, Drafts } from "./drafts";
import { Header } from "./Header";
import { Notes } from "./Notes";
import classes from "./PersonPage.module.css";
import { PersonSegments } from "./PersonSegments";
import { TABS, type Tab } from "./routes";
import { Tags } from "./Tags";
import { Timeline } from "./Timeline";
import { useFollow } from "./useFollow";
import { usePerson } from "./usePerson";
import { headFields, headOf } from "./values";

const route = getRouteApi("/w/$slug/people/$number");
// As in PersonPage.module.css: below this, the fields are one tab more; from the other on, there are three columns.
const NARROW = "(max-width: 62em)";
const WIDE = "(min-width: 80em)";
const DETAILS = "details";
const NEEDED: Record<Tab, string> = { timeline: "events:read", notes: "people:read", segments: "segments:read" };

/** One person by their own link: fields, then timeline, notes or segments, then tags and how they are known. */
export function PersonPage() {
  const { t } = useTranslation("profile");
  const { slug, number } = route.useParams();
  const { tab } = route.useSearch();
  const isNarrow = useMediaQuery(NARROW, false, { getInitialValueInEffect: false });
  const isWide = useMediaQuery(WIDE, true, { getInitialValueInEffect: false });
  const [drafts] = useState(() => new Map<string, Draft>());
  const navigate = route.useNavigate();
  const person = usePerson(number);
  const may = { timeline: useMay(NEEDED.timeline), notes: useMay(NEEDED.notes), segments: useMay(NEEDED.segments) };
  useFollow(number);
  const values = person.data?.data ?? {};
  const name = headOf(values, t("unnamed", { number })).name;
  // A phone has no room for them at the top.
  const without = isNarrow ? [] : headFields(values).map(String);
  useTitle(name);
  return (
    <div className={classes.page}>
      <Anchor
        className={classes.back}
        size="sm"
        renderRoot={(props) => <Link to="/w/$slug/people" params={{ slug }} {...props} />}
      >
        <IconArrowLeft size={15} aria-hidden="true" />
        {t("back")}
      </Anchor>
      {person.isPending && <RowsSkeleton />}
      {person.isError && <ErrorState error={person.error} retry={() => void person.refetch()} />}
      {person.data && (
        <Drafts value={drafts}>
          <Header key={number} person={person.data} heading="h1" editable={!isNarrow} />
          <div className={classes.columns}>
            {!isNarrow && (
              <div className={classes.details}>
                {isWide ? (
                  <>
                    <MaybeSame number={number} />
                    <Fields key={number} person={person.data} without={without} />
                  </>
                ) : (
                  <Details key={number} person={person.data} without={without} />
                )}
              </div>
            )}
            <Tabs
              className={classes.tabs}
              value={tab ?? (isNarrow ? DETAILS : "timeline")}
              keepMounted={false}
              onChange={(value) => {
                const chosen = TABS.find((each) => each === value);
                void navigate({ search: chosen ? { tab: chosen } : {}, replace: true });
              }}
            >
              <Tabs.List className={classes.list}>
                {isNarrow && (
                  <Tabs.Tab value={DETAILS} className={classes.tab}>
                    {t("tab.details")}
                  </Tabs.Tab>
                )}
                {TABS.filter((each) => may[each]).map((each) => (
                  <Tabs.Tab key={each} value={each} className={classes.tab}>
                    {t(`tab.${each}`)}
                  </Tabs.Tab>
                ))}
              </Tabs.List>
              {isNarrow && (
                <Tabs.Panel value={DETAILS} pt={8}>
                  <Details key={number} person={person.data} without={without} />
                </Tabs.Panel>
              )}
              <Tabs.Panel value="timeline">
                <Timeline number={number} />
              </Tabs.Panel>
              <Tabs.Panel value="notes">
                <Notes key={number} number={number} />
              </Tabs.Panel>
              <Tabs.Panel value="segments" pt={8}>
                <PersonSegments number={number} />
              </Tabs.Panel>
            </Tabs>
            {isWide && (
              <div className={classes.traces}>
                <Tags key={number} person={person.data} />
                <Traces person={person.data} />
              </div>
            )}
          </div>
        </Drafts>
      )}
    </div>
  );
}
