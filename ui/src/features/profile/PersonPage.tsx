import { Anchor, Tabs } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconArrowLeft } from "@tabler/icons-react";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/workspace";
import { ErrorState, RowsSkeleton, useTitle } from "@/shared";
import { Details } from "./Details";
import { Header } from "./Header";
import { Notes } from "./Notes";
import classes from "./PersonPage.module.css";
import { PersonSegments } from "./PersonSegments";
import { TABS, type Tab } from "./routes";
import { Timeline } from "./Timeline";
import { useFollow } from "./useFollow";
import { usePerson } from "./usePerson";
import { headOf } from "./values";

const route = getRouteApi("/w/$slug/people/$number");
// As in PersonPage.module.css: below this, the fields are one tab more.
const NARROW = "(max-width: 62em)";
const DETAILS = "details";
const NEEDED: Record<Tab, string> = { timeline: "events:read", notes: "people:read", segments: "segments:read" };

/** One person by their own link: fields at one side, timeline, notes and segments at the other. */
export function PersonPage() {
  const { t } = useTranslation("profile");
  const { slug, number } = route.useParams();
  const { tab } = route.useSearch();
  const isNarrow = useMediaQuery(NARROW, false, { getInitialValueInEffect: false });
  const navigate = route.useNavigate();
  const person = usePerson(number);
  const may = { timeline: useMay(NEEDED.timeline), notes: useMay(NEEDED.notes), segments: useMay(NEEDED.segments) };
  useFollow(number);
  const name = headOf(person.data?.data ?? {}, t("unnamed", { number })).name;
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
        <>
          <Header person={person.data} heading="h1" />
          <div className={classes.columns}>
            {!isNarrow && (
              <div className={classes.details}>
                <Details key={number} person={person.data} />
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
                  <Details key={number} person={person.data} />
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
          </div>
        </>
      )}
    </div>
  );
}
