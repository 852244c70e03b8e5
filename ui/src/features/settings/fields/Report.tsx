import { Table } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api";
import type { Job } from "@/features/jobs";
import { formatNumber, reasonText } from "@/shared";
import settings from "../Settings.module.css";

export type Result = Pick<Schemas["TypeReportOut"], "values" | "converted" | "rejected" | "samples">;

/** What would become of the values: from the answer itself, or from the job that has looked; null until it has. */
export function resultOf(report: Schemas["TypeReportOut"], job: Job | undefined): Result | null {
  if (!report.job) return report;
  if (job?.state !== "done") return null;
  const { counts = {}, samples = [] } = job.result as { counts?: Partial<Result>; samples?: Result["samples"] };
  return { values: counts.values ?? 0, converted: counts.converted ?? 0, rejected: counts.rejected ?? 0, samples };
}

/** How many values convert, and some that do not. */
export function Report({ result }: { result: Result }) {
  const { t } = useTranslation("settings");
  const numbers = {
    values: formatNumber(result.values),
    converted: formatNumber(result.converted),
    rejected: formatNumber(result.rejected),
  };
  return (
    <>
      <p className={result.rejected > 0 ? settings.note : settings.good}>
        {t(result.rejected > 0 ? "typeChange.some" : "typeChange.all", numbers)}
      </p>
      {result.samples.length > 0 && (
        <Table mt="xs" aria-label={t("typeChange.samples")}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("rejected.person")}</Table.Th>
              <Table.Th>{t("rejected.value")}</Table.Th>
              <Table.Th>{t("rejected.reason")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {result.samples.slice(0, 5).map((sample) => (
              <Table.Tr key={sample.number}>
                <Table.Td className="numbers">{sample.number}</Table.Td>
                <Table.Td className={settings.code}>
                  {typeof sample.value === "string" ? sample.value : JSON.stringify(sample.value)}
                </Table.Td>
                <Table.Td className={settings.quiet}>{reasonText(sample)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </>
  );
}
