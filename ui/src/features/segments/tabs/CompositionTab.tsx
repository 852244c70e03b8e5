import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api";
import { Breakdown } from "@/features/charts";
import { quoted } from "@/shared/sentences";
import classes from "./tabs.module.css";

/** A segment's people by the values of any field. */
export default function CompositionTab({ segment }: { segment: Schemas["SegmentDetail"] }) {
  const { t } = useTranslation("segments");
  const where = segment.broken ? "nobody" : `in segment ${quoted(segment.name)}`;
  return (
    <div className={classes.padded}>
      {/* A broken segment has nobody, and a filter that names it is refused. */}
      <Breakdown where={where} title={t("tabs.composition")} wide />
    </div>
  );
}
