import { Menu, useMantineColorScheme } from "@mantine/core";
import {
  IconApi,
  IconDots,
  IconLanguage,
  IconLogout,
  IconRowInsertBottom,
  IconSunMoon,
  IconUserCircle,
} from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { auth } from "@/api/auth";
import { currentLanguage, LANGUAGES, type Language, offerLanguage, setLanguage } from "@/i18n";
import { type Density, setDensity, useDensity } from "@/shared/density";
import { notifyProblem } from "@/shared/notify";
import { useSession, useWorkspace } from "../workspace";
import classes from "./LeftMenu.module.css";

const SCHEMES = ["light", "dark", "auto"] as const;
const DENSITIES: readonly Density[] = ["compact", "comfortable"];

/** Who is logged in: appearance, account, logging out. */
export function UserMenu() {
  const { t } = useTranslation();
  const { user } = useSession();
  const { role, slug } = useWorkspace();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const { density } = useDensity();
  const logOut = useLogOut();
  const name = user.name || user.email;
  return (
    <Menu width={230} position="top-start">
      <Menu.Target>
        <button type="button" className={classes.person}>
          <span className={classes.initial} data-initial={name.slice(0, 1)} />
          <span className="truncate">{name}</span>
          <span className="unseen">. {t("user.menu")}</span>
          <IconDots size={15} />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label className="truncate">
          {user.email}
          {role && ` · ${t(`workspace.roles.${role}`)}`}
        </Menu.Label>
        <Choice
          icon={<IconSunMoon size={15} />}
          label={t("scheme.label")}
          options={SCHEMES.map((value) => ({ value, label: t(`scheme.${value}`) }))}
          value={colorScheme}
          choose={setColorScheme}
        />
        <Choice
          icon={<IconRowInsertBottom size={15} />}
          label={t("density.label")}
          options={DENSITIES.map((value) => ({ value, label: t(`density.${value}`) }))}
          value={density}
          choose={setDensity}
        />
        <Choice
          icon={<IconLanguage size={15} />}
          label={t("language")}
          options={(Object.keys(LANGUAGES) as Language[]).map((value) => ({ value, label: LANGUAGES[value] }))}
          value={currentLanguage()}
          choose={(value) => void setLanguage(value)}
        />
        <Menu.Divider />
        <Menu.Item
          leftSection={<IconUserCircle size={15} />}
          renderRoot={(props) => <Link to="/w/$slug/settings/account" params={{ slug }} {...props} />}
        >
          {t("user.account")}
        </Menu.Item>
        <Menu.Item component="a" href="/api/v1/docs" leftSection={<IconApi size={15} />}>
          {t("user.api")}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={15} />} onClick={() => void logOut()}>
          {t("user.logOut")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

interface ChoiceProps<T extends string> {
  icon: ReactNode;
  label: string;
  options: readonly { value: T; label: string }[];
  value: T;
  choose: (value: T) => void;
}

/** One of a few values, in a menu below the menu. */
function Choice<T extends string>({ icon, label, options, value, choose }: ChoiceProps<T>) {
  return (
    <Menu.Sub>
      <Menu.Sub.Target>
        <Menu.Sub.Item leftSection={icon}>{label}</Menu.Sub.Item>
      </Menu.Sub.Target>
      <Menu.Sub.Dropdown>
        <Menu.RadioGroup value={value} onChange={(chosen) => choose(chosen as T)}>
          {options.map((option) => (
            <Menu.RadioItem key={option.value} value={option.value}>
              {option.label}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
      </Menu.Sub.Dropdown>
    </Menu.Sub>
  );
}

/** Ends the session and forgets all that was read in it. */
export function useLogOut(): () => Promise<void> {
  const client = useQueryClient();
  const navigate = useNavigate();
  return async () => {
    // What is still being read would be refused, and look like a session that someone else has ended.
    await client.cancelQueries();
    try {
      await auth.logOut();
      await navigate({ to: "/login" });
      client.clear();
      await offerLanguage();
    } catch (error) {
      notifyProblem(error);
      void client.refetchQueries({ type: "active" });
    }
  };
}
