import { Anchor, Button } from "@mantine/core";
import { IconArrowMerge } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { read } from "@/api";
import { useMay, useSlug } from "@/app/workspace";
import { reasonText } from "@/shared";
import { MergeDialog } from ".";
import { SUGGESTIONS } from "./addresses";
import classes from "./Merging.module.css";
import { nameOf } from "./sides";

const MOST = 25;

/** Says of a person whom they may be the same as: the likeliest, and the way to the others. */
export default function MaybeSame({ number }: { number: number }) {
  const { t } = useTranslation("merging");
  const slug = useSlug();
  const [comparing, setComparing] = useState<number | null>(null);
  const found = useQuery({
    ...read(SUGGESTIONS, { params: { path: { slug }, query: { person: number, limit: MOST } } }),
    enabled: useMay("people:write"),
  });
  const [first, ...more] = found.data?.items ?? [];
  const other = first?.people.find((each) => each.number !== number);
  return (
    <>
      {first && other && (
        <div className={classes.maybe}>
          <IconArrowMerge size={15} stroke={1.7} aria-hidden="true" />
          <span title={reasonText(first)}>
            {t("maybe.text")}{" "}
            <Anchor
              size="sm"
              underline="always"
              renderRoot={(props) => (
                <Link to="/w/$slug/people/$number" params={{ slug, number: other.number }} {...props} />
              )}
            >
              {nameOf(other, t)}
            </Anchor>
            {more.length > 0 && (
              <>
                {" · "}
                <Anchor
                  size="sm"
                  underline="always"
                  renderRoot={(props) => (
                    <Link to="/w/$slug/duplicates" params={{ slug }} search={{ person: number }} {...props} />
                  )}
                >
                  {t("maybe.more", { count: more.length })}
                </Anchor>
              </>
            )}
          </span>
          <Button
            variant="default"
            size="compact-xs"
            aria-label={t("maybe.compareOf", { name: nameOf(other, t) })}
            onClick={() => setComparing(other.number)}
          >
            {t("maybe.compare")}
          </Button>
        </div>
      )}
      {comparing !== null && <MergeDialog number={number} other={comparing} close={() => setComparing(null)} />}
    </>
  );
}
