import { Table } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { read } from "@/api";
import { useSlug } from "@/app/workspace";
import { ErrorState, RowsSkeleton, registerText } from "@/shared";
import classes from "./Privacy.module.css";

/** Every table and kind of file that holds something about people or members. */
export function Register() {
  const { t } = useTranslation("privacy");
  const slug = useSlug();
  const register = useQuery(read("/api/v1/workspaces/{slug}/register", { params: { path: { slug } } }));
  const rows = register.data?.items.filter(({ subject }) => subject !== "nobody") ?? [];
  return (
    <>
      <p className={`${classes.text} ${classes.intro}`}>{t("register.text")}</p>
      {register.isPending && <RowsSkeleton />}
      {register.isError && <ErrorState error={register.error} retry={() => void register.refetch()} />}
      {rows.length > 0 && (
        <Table.ScrollContainer minWidth={720} type="native">
          <Table aria-label={t("show.register")} data-stack className={classes.table}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th w={220}>{t("register.column.name")}</Table.Th>
                <Table.Th w={200}>{t("register.column.holds")}</Table.Th>
                <Table.Th>{t("register.column.erased")}</Table.Th>
                <Table.Th w={110}>{t("register.column.copied")}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map((row) => {
                const personal = Object.keys(row.columns).filter((name) => row.columns[name] === "personal");
                return (
                  <Table.Tr key={row.name}>
                    <Table.Td className={classes.name} data-cell="main">
                      {row.name}
                    </Table.Td>
                    <Table.Td className={classes.quiet}>{personal.join(", ") || t("register.none")}</Table.Td>
                    <Table.Td className={classes.quiet} data-cell="wide">
                      {row.subject === "member" ? t("register.members") : registerText(row.name, row.erased)}
                    </Table.Td>
                    <Table.Td className={classes.quiet} title={registerText(`${row.name} copy`, row.not_told)}>
                      {row.subject === "person" && t(row.copied ? "register.yes" : "register.no")}
                    </Table.Td>
                  </Table.Tr>
                );
              })}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </>
  );
}
