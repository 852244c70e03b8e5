import { Tooltip } from "@mantine/core";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { useWorkspace } from "@/app/workspace";
import { formatAgo, formatTime } from "@/shared";
import { useNames } from "@/shared/authors";

interface Origin {
  kind: string;
  ref: string;
  at: string | number;
}

const KINDS = ["agent", "api", "tracking", "flow", "import", "merge", "system", "bulk", "undo"] as const;

/** Says in words who or what set a value, and when. */
export function useProvenance(): (origin: Origin) => string {
  const { t } = useTranslation("profile");
  const { timezone } = useWorkspace();
  const nameOf = useNames();
  return ({ kind, ref, at }) => {
    const known = KINDS.find((each) => each === kind);
    const name = nameOf(ref);
    const who = known ? t(`origin.${known}`) : kind;
    const when = at ? ` · ${formatAgo(at)} (${formatTime(at, timezone)})` : "";
    return `${name ? t("origin.by", { who, name }) : who}${when}`;
  };
}

/** Shows on hover and focus where a value came from. */
export function Provenance({ origin, children }: { origin: Origin | undefined; children: ReactElement }) {
  const word = useProvenance();
  if (!origin) return children;
  return (
    <Tooltip
      label={word(origin)}
      position="bottom-start"
      multiline
      maw={340}
      events={{ hover: true, focus: true, touch: true }}
    >
      {children}
    </Tooltip>
  );
}
