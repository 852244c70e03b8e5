import { Avatar, Tooltip, UnstyledButton } from "@mantine/core";
import { IconPhoto } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { initialsOf } from "@/shared";
import classes from "./Header.module.css";

/**
 * A person's initials, or their picture. A visitor chooses where the picture lies, and whoever keeps it there would
 * learn who looks at whom and when: it is fetched when the reader asks for it, and not before.
 */
export function Picture({ name, address }: { name: string; address: string | null }) {
  const { t } = useTranslation("profile");
  const [asked, setAsked] = useState(false);
  const avatar = (
    <Avatar
      src={asked ? address : null}
      size={44}
      radius={99}
      alt=""
      imageProps={{ referrerPolicy: "no-referrer" }}
      className={classes.avatar}
    >
      <span aria-hidden="true">{initialsOf(name)}</span>
    </Avatar>
  );
  if (!address?.startsWith("https:") || asked) return avatar;
  const label = t("picture.show", { host: new URL(address).host });
  return (
    <Tooltip label={label} multiline w={260}>
      <UnstyledButton className={classes.picture} aria-label={label} onClick={() => setAsked(true)}>
        {avatar}
        <IconPhoto size={13} className={classes.pictureMark} aria-hidden="true" />
      </UnstyledButton>
    </Tooltip>
  );
}
