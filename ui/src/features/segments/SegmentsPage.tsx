import { Button, Menu, SegmentedControl, TextInput } from "@mantine/core";
import {
  IconChevronDown,
  IconCirclesRelation,
  IconFilter,
  IconPinned,
  IconPlus,
  IconSearch,
} from "@tabler/icons-react";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay, useSlug } from "@/app/workspace";
import { EmptyState, ErrorState, PageHeader, RowsSkeleton, useShortcut } from "@/shared";
import { CreateDialog } from "./CreateDialog";
import { useSegments } from "./data";
import { useSegmentMoves } from "./live";
import type { ListSearch } from "./routes";
import classes from "./SegmentsPage.module.css";
import { SegmentTable } from "./SegmentTable";

const route = getRouteApi("/w/$slug/segments");
const KINDS = ["all", "dynamic", "static"] as const;

/** The segments that the reader may see, with their present sizes. */
export function SegmentsPage() {
  const { t } = useTranslation("segments");
  const slug = useSlug();
  const navigate = useNavigate();
  const { search = "", kind } = route.useSearch();
  const segments = useSegments();
  const field = useRef<HTMLInputElement>(null);
  useSegmentMoves();
  useShortcut("/", { label: t("search"), run: () => field.current?.focus() });
  const items = segments.data?.items;
  const wanted = search.trim().toLocaleLowerCase();
  const shown = items?.filter(
    (segment) =>
      (!kind || segment.kind === kind) &&
      `${segment.name}\n${segment.description}`.toLocaleLowerCase().includes(wanted),
  );
  const show = (next: ListSearch) =>
    void navigate({ to: "/w/$slug/segments", params: { slug }, search: next, replace: true });
  const narrowed = { ...(search && { search }), ...(kind && { kind }) };
  return (
    <>
      <PageHeader title={t("title")} count={items?.length} actions={<NewSegment />} />
      {items && items.length > 0 && (
        <div className={classes.toolbar}>
          <TextInput
            ref={field}
            size="xs"
            className={classes.search}
            aria-label={t("search")}
            placeholder={t("search")}
            leftSection={<IconSearch size={14} />}
            value={search}
            onChange={({ currentTarget: { value } }) => {
              const { search: _, ...rest } = narrowed;
              show(value ? { ...rest, search: value } : rest);
            }}
          />
          <SegmentedControl
            size="xs"
            aria-label={t("kind.label")}
            data={KINDS.map((value) => ({ value, label: t(`kind.${value}`) }))}
            value={kind ?? "all"}
            onChange={(value) => {
              const { kind: _, ...rest } = narrowed;
              show(value === "all" ? rest : { ...rest, kind: value });
            }}
          />
        </div>
      )}
      {segments.isPending && <RowsSkeleton />}
      {segments.isError && <ErrorState error={segments.error} retry={() => void segments.refetch()} />}
      {items?.length === 0 && (
        <EmptyState
          icon={<IconCirclesRelation size={22} />}
          title={t("empty.title")}
          text={t("empty.text")}
          action={
            <Button renderRoot={(props) => <Link to="/w/$slug/people" params={{ slug }} {...props} />}>
              {t("toPeople")}
            </Button>
          }
        />
      )}
      {items && items.length > 0 && shown?.length === 0 && (
        <EmptyState
          icon={<IconSearch size={22} />}
          title={t("none.title")}
          text={t("none.text")}
          action={
            <Button variant="default" onClick={() => show({})}>
              {t("none.clear")}
            </Button>
          }
        />
      )}
      {items?.some(({ rebuilding }) => rebuilding) && (
        <p className={classes.rebuilding} role="status">
          {t("rebuilding")}
        </p>
      )}
      {items && shown && shown.length > 0 && <SegmentTable segments={shown} />}
    </>
  );
}

/** Makes a segment of either kind: a dynamic one begins with a filter on the people's page. */
function NewSegment() {
  const { t } = useTranslation("segments");
  const slug = useSlug();
  const navigate = useNavigate();
  const [creating, setCreating] = useState(false);
  const toPeople = () => void navigate({ to: "/w/$slug/people", params: { slug } });
  if (!useMay("segments:write")) return null;
  return (
    <>
      <Menu width={290} position="bottom-end">
        <Menu.Target>
          <Button leftSection={<IconPlus size={14} />} rightSection={<IconChevronDown size={14} />}>
            {t("new.button")}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconFilter size={16} stroke={1.7} />} onClick={toPeople}>
            {t("new.dynamic")}
            <span className={classes.hint}>{t("new.dynamicText")}</span>
          </Menu.Item>
          <Menu.Item leftSection={<IconPinned size={16} stroke={1.7} />} onClick={() => setCreating(true)}>
            {t("new.static")}
            <span className={classes.hint}>{t("new.staticText")}</span>
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {creating && <CreateDialog title={t("new.title")} onClose={() => setCreating(false)} />}
    </>
  );
}
