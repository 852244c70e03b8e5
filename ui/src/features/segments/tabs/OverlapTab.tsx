import { Button } from "@mantine/core";
import { IconCirclesRelation, IconDeviceFloppy, IconUsers } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { call, type Schemas } from "@/api";
import { useMay, useSlug } from "@/app/workspace";
import { Count, EmptyState, ErrorState, RowsSkeleton } from "@/shared";
import { REGIONS } from "../addresses";
import { CreateDialog } from "../CreateDialog";
import { useSegments } from "../data";
import { RegionDiagram } from "../RegionDiagram";
import { RegionList } from "../RegionList";
import { regionKey, regionWhere } from "../regions";
import { SegmentPicker } from "../SegmentPicker";
import classes from "./OverlapTab.module.css";
import shared from "./tabs.module.css";

const MOST = 4;
const route = getRouteApi("/w/$slug/segments/$segment");

/** How a segment overlaps with up to four others: each region with its exact count, to be listed or saved. */
export default function OverlapTab({ segment }: { segment: Schemas["SegmentDetail"] }) {
  const { t } = useTranslation("segments");
  const slug = useSlug();
  const navigate = useNavigate();
  const search = route.useSearch();
  const picker = useRef<HTMLDivElement>(null);
  const known = useSegments().data?.items;
  const others = (search.with?.split(",") ?? [])
    .filter((id, place, all) => id !== segment.id && all.indexOf(id) === place)
    .slice(0, MOST);
  const choose = (ids: string[]) => {
    const { with: _, ...rest } = search;
    void navigate({
      to: "/w/$slug/segments/$segment",
      params: { slug, segment: segment.id },
      search: ids.length ? { ...rest, with: ids.join(",") } : rest,
      replace: true,
    });
  };
  const compared = [segment, ...others.flatMap((id) => known?.find((each) => each.id === id) ?? [])];
  return (
    <div className={shared.padded}>
      <div ref={picker} className={classes.picker}>
        <SegmentPicker label={t("overlap.with")} value={others} onChange={choose} max={MOST} without={[segment.id]} />
        <p className={shared.note}>{t("overlap.withText")}</p>
      </div>
      {compared.length > 1 ? (
        <Comparison key={compared.map((each) => each.id).join()} segments={compared} />
      ) : (
        <EmptyState
          icon={<IconCirclesRelation size={22} />}
          title={t("overlap.start")}
          text={t("overlap.startText")}
          action={
            <Button
              variant="default"
              onClick={() => picker.current?.querySelector<HTMLElement>("input[role=combobox]")?.click()}
            >
              {t("overlap.open")}
            </Button>
          }
        />
      )}
    </div>
  );
}

interface Named {
  id: string;
  name: string;
}

function Comparison({ segments }: { segments: readonly Named[] }) {
  const { t } = useTranslation("segments");
  const slug = useSlug();
  const [chosen, setChosen] = useState<string[] | null>(null);
  const ids = segments.map((each) => each.id);
  const found = useQuery({
    queryKey: ["regions", slug, ids],
    queryFn: ({ signal }) => call("post", REGIONS, { params: { path: { slug } }, body: { segments: ids }, signal }),
    placeholderData: keepPreviousData,
  });
  if (found.isPending) return <RowsSkeleton rows={6} />;
  if (found.isError) return <ErrorState error={found.error} retry={() => void found.refetch()} />;
  const { regions } = found.data;
  const region = chosen && regions.find((each) => regionKey(each.inside) === regionKey(chosen));
  return (
    <div className={classes.comparison}>
      <div>
        <RegionDiagram
          segments={segments}
          regions={regions}
          chosen={region ? regionKey(region.inside) : null}
          choose={setChosen}
        />
        <p className={classes.scale}>{t("overlap.scale")}</p>
        <div className={classes.actions} aria-live="polite">
          {region ? <RegionActions segments={segments} region={region} /> : t("overlap.choose")}
        </div>
      </div>
      <div className={classes.side}>
        <RegionList
          segments={segments}
          regions={regions}
          chosen={region ? regionKey(region.inside) : null}
          choose={setChosen}
        />
      </div>
    </div>
  );
}

function RegionActions({ segments, region }: { segments: readonly Named[]; region: Schemas["RegionOut"] }) {
  const { t } = useTranslation("segments");
  const slug = useSlug();
  const maySave = useMay("segments:write");
  const [saving, setSaving] = useState(false);
  const where = regionWhere(segments, region.inside);
  return (
    <>
      <code className={shared.sentence}>{where}</code>
      <div className={classes.buttons}>
        <strong>
          <Count value={region.count} />
        </strong>
        <Button
          leftSection={<IconUsers size={15} stroke={1.7} />}
          renderRoot={(props) => <Link to="/w/$slug/people" params={{ slug }} search={{ where }} {...props} />}
        >
          {t("overlap.list")}
        </Button>
        {maySave && (
          <Button
            variant="default"
            leftSection={<IconDeviceFloppy size={15} stroke={1.7} />}
            onClick={() => setSaving(true)}
          >
            {t("overlap.save")}
          </Button>
        )}
      </div>
      {saving && <CreateDialog title={t("overlap.saveTitle")} where={where} onClose={() => setSaving(false)} />}
    </>
  );
}
