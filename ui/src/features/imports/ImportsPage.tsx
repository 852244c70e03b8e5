import { Anchor, Badge, Table } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { call, keyOf } from "@/api";
import { useWorkspace } from "@/app/workspace";
import { JobCounts, sizeOf } from "@/features/jobs";
import { ErrorState, More, PageHeader, RelativeTime, RowsSkeleton } from "@/shared";
import { useAuthors } from "@/shared/authors";
import { IMPORTS, type Import } from "./addresses";
import { FileDrop } from "./FileDrop";
import classes from "./Imports.module.css";
import { useTellImport } from "./useImport";

const PAGE = 25;

/** A place to drop a file, and the imports there were. */
export function ImportsPage() {
  const { t } = useTranslation(["imports", "common"]);
  const { slug } = useWorkspace();
  const navigate = useNavigate();
  const tell = useTellImport();
  const path = { slug };
  const imports = useInfiniteQuery({
    queryKey: keyOf(IMPORTS, { path, query: { limit: PAGE } }),
    queryFn: ({ pageParam, signal }) => {
      const query = { limit: PAGE, ...(pageParam && { cursor: pageParam }) };
      return call("get", IMPORTS, { params: { path, query }, signal });
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.next,
  });
  const rows = imports.data?.pages.flatMap((page) => page.items) ?? [];
  const uploaded = (source: Import) => {
    tell(source);
    void imports.refetch();
    void navigate({ to: "/w/$slug/imports/$import", params: { slug, import: source.id }, search: { step: "file" } });
  };
  return (
    <>
      <PageHeader title={t("title")} />
      <p className={`${classes.text} ${classes.block}`}>{t("lead")}</p>
      <FileDrop onUploaded={uploaded} />
      {imports.isPending && <RowsSkeleton rows={3} />}
      {imports.isError && <ErrorState error={imports.error} retry={() => void imports.refetch()} />}
      {rows.length > 0 && <ImportTable imports={rows} />}
      <More query={imports} edge />
    </>
  );
}

const COLOURS = {
  uploaded: "gray",
  planned: "gray",
  rehearsed: "iris",
  running: "iris",
  done: "green",
  failed: "red",
  undone: "gray",
} as const;

function ImportTable({ imports }: { imports: readonly Import[] }) {
  const { t } = useTranslation("imports");
  const { slug, timezone } = useWorkspace();
  const author = useAuthors();
  return (
    <section aria-labelledby="earlier">
      <h2 id="earlier" className={`${classes.heading} ${classes.block}`} style={{ marginBottom: 4 }}>
        {t("earlier")}
      </h2>
      <Table.ScrollContainer minWidth={700} type="native">
        <Table aria-label={t("earlier")} data-stack>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("column.file")}</Table.Th>
              <Table.Th w={130}>{t("column.state")}</Table.Th>
              <Table.Th>{t("column.rows")}</Table.Th>
              <Table.Th w={140}>{t("column.by")}</Table.Th>
              <Table.Th w={130}>{t("column.at")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {imports.map((source) => (
              <Table.Tr key={source.id}>
                <Table.Td data-cell="main">
                  <Anchor
                    size="sm"
                    className={classes.title}
                    renderRoot={(props) => (
                      <Link to="/w/$slug/imports/$import" params={{ slug, import: source.id }} {...props} />
                    )}
                  >
                    {source.name}
                  </Anchor>{" "}
                  <span className={classes.quiet}>{sizeOf(source.size)}</span>
                </Table.Td>
                <Table.Td data-cell="end">
                  <Badge variant="light" color={COLOURS[source.state]} size="sm">
                    {t(`state.${source.state}`)}
                  </Badge>
                </Table.Td>
                <Table.Td className={classes.quiet}>
                  <JobCounts job={{ result: { counts: source.counts } }} />
                </Table.Td>
                <Table.Td className={classes.quiet}>{author(source.by)}</Table.Td>
                <Table.Td className={classes.quiet}>
                  <RelativeTime at={source.created_at} zone={timezone} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </section>
  );
}
