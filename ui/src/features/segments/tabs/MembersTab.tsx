import { ActionIcon, Anchor, Button, Select, Table, Tooltip } from "@mantine/core";
import { IconArrowsSort, IconUsers, IconX } from "@tabler/icons-react";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call, keyOf, type Schemas, useWrite } from "@/api";
import { useMay, useWorkspace } from "@/app/workspace";
import { EmptyState, ErrorState, formatNumber, More, notifyDone, RelativeTime, RowsSkeleton } from "@/shared";
import { LIST, MEMBERS, ONE, PEOPLE } from "../addresses";
import { useCause } from "../useCause";
import { AddMembers } from "./AddMembers";
import classes from "./tabs.module.css";

const SORTS = { last_seen: "-last_seen", first_seen: "-first_seen", name: "name" } as const;
type Sort = keyof typeof SORTS;
type Member = Schemas["SegmentPerson"];

interface MembersTabProps {
  segment: Schemas["SegmentDetail"];
  /** The reader has changed who is in it. */
  onChanged: () => void;
}

/** Who is in a segment, since when and why; a static one is changed here. */
export default function MembersTab({ segment, onChanged }: MembersTabProps) {
  const { t } = useTranslation("segments");
  const { slug } = useWorkspace();
  const [sort, setSort] = useState<Sort>("last_seen");
  const isStatic = segment.kind === "static";
  const mayChange = useMay("segments:write") && isStatic;
  const path = { slug, segment: segment.id };
  const pages = useInfiniteQuery({
    queryKey: keyOf(PEOPLE, { path, sort }),
    queryFn: ({ pageParam, signal }) =>
      call("get", PEOPLE, {
        params: { path, query: { sort: SORTS[sort], limit: 50, ...(pageParam && { cursor: pageParam }) } },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });
  const people = pages.data?.pages.flatMap((page) => page.items) ?? [];
  const total = pages.data?.pages[0]?.total ?? 0;
  return (
    <>
      <div className={classes.bar}>
        {mayChange && <AddMembers segment={segment} onChanged={onChanged} />}
        {people.length > 0 && (
          <span className={classes.shown}>
            {t("members.total", { shown: formatNumber(people.length), total: formatNumber(total) })}
          </span>
        )}
        <Select
          size="xs"
          w={170}
          className={classes.end}
          aria-label={t("members.sort")}
          leftSection={<IconArrowsSort size={14} stroke={1.7} />}
          allowDeselect={false}
          data={(Object.keys(SORTS) as Sort[]).map((value) => ({ value, label: t(`members.sorts.${value}`) }))}
          value={sort}
          onChange={(value) => value && setSort(value as Sort)}
        />
      </div>
      {pages.isPending && <RowsSkeleton />}
      {pages.isError && <ErrorState error={pages.error} retry={() => void pages.refetch()} />}
      {pages.data && people.length === 0 && (
        <EmptyState
          icon={<IconUsers size={22} />}
          title={t("members.empty")}
          text={t(isStatic ? "members.emptyStatic" : "members.emptyDynamic")}
          action={
            <Button
              variant="default"
              renderRoot={(props) => (
                <Link
                  to="/w/$slug/people"
                  params={{ slug }}
                  search={segment.sentence ? { where: segment.sentence } : { view: "all" }}
                  {...props}
                />
              )}
            >
              {t(isStatic ? "members.choose" : "members.look")}
            </Button>
          }
        />
      )}
      {people.length > 0 && (
        <MemberTable people={people} segment={segment} mayRemove={mayChange} onChanged={onChanged} />
      )}
      {people.length > 0 && (
        <div className={classes.foot}>
          <More query={pages} />
        </div>
      )}
    </>
  );
}

interface MemberTableProps {
  people: readonly Member[];
  segment: Schemas["SegmentDetail"];
  mayRemove: boolean;
  onChanged: () => void;
}

function MemberTable({ people, segment, mayRemove, onChanged }: MemberTableProps) {
  const { t } = useTranslation("segments");
  const { slug, timezone } = useWorkspace();
  const cause = useCause();
  const refresh = [PEOPLE, ONE, LIST] as const;
  const path = { slug, segment: segment.id };
  const back = useWrite("post", MEMBERS, { refresh });
  const remove = useWrite("post", MEMBERS, { refresh });
  const takeOut = (number: number, name: string) => {
    onChanged();
    const undo = () => {
      onChanged();
      back.mutate({ params: { path }, body: { add: [number], remove: [] } });
    };
    remove.mutate(
      { params: { path }, body: { add: [], remove: [number] } },
      { onSuccess: () => notifyDone(t("members.removed", { name }), { undo }) },
    );
  };
  return (
    <Table.ScrollContainer minWidth={560} type="native">
      <Table highlightOnHover aria-label={t("tabs.members")} className={classes.table} data-stack>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("column.person")}</Table.Th>
            <Table.Th>{t("column.since")}</Table.Th>
            <Table.Th>{t("column.why")}</Table.Th>
            {mayRemove && (
              <Table.Th className={classes.narrow}>
                <span className="unseen">{t("column.actions")}</span>
              </Table.Th>
            )}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {people.map((person) => {
            const { number, values, since } = person;
            const name = String(values.name ?? values.email ?? t("members.unnamed", { number }));
            return (
              <Table.Tr key={number}>
                <Table.Td data-cell="main">
                  <Anchor
                    size="sm"
                    fw={500}
                    renderRoot={(props) => <Link to="/w/$slug/people/$number" params={{ slug, number }} {...props} />}
                  >
                    {name}
                  </Anchor>
                  {values.name !== undefined && values.email !== undefined && (
                    <span className={classes.second}>{String(values.email)}</span>
                  )}
                </Table.Td>
                <Table.Td className={classes.quiet} data-label={t("column.since")}>
                  {since && <RelativeTime at={since} zone={timezone} />}
                </Table.Td>
                <Table.Td className={classes.quiet}>{cause(person.cause, person.ref)}</Table.Td>
                {mayRemove && (
                  <Table.Td data-cell="end">
                    <Tooltip label={t("members.remove", { name })}>
                      <ActionIcon aria-label={t("members.remove", { name })} onClick={() => takeOut(number, name)}>
                        <IconX size={15} />
                      </ActionIcon>
                    </Tooltip>
                  </Table.Td>
                )}
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
