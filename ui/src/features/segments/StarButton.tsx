import { ActionIcon } from "@mantine/core";
import { IconStar, IconStarFilled } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useStar } from "./data";
import classes from "./StarButton.module.css";

/** Makes a segment a favourite, which pickers and lists show first. */
export function StarButton({ segment }: { segment: { id: string; name: string; starred: boolean } }) {
  const { t } = useTranslation("segments");
  const star = useStar();
  const { name, starred } = segment;
  return (
    <ActionIcon
      className={starred ? classes.on : classes.off}
      aria-label={t(starred ? "star.remove" : "star.add", { name })}
      aria-pressed={starred}
      onClick={() => star(segment)}
    >
      {starred ? <IconStarFilled size={15} /> : <IconStar size={15} stroke={1.7} />}
    </ActionIcon>
  );
}
