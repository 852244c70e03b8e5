import { Menu } from "@mantine/core";
import { IconCheck, IconPlus, IconSelector } from "@tabler/icons-react";
import { Link, useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Logo } from "@/shared/Logo";
import { useSession, useWorkspace } from "../workspace";
import classes from "./LeftMenu.module.css";

/** The workspace of the page, and a menu of the others. */
export function WorkspaceSwitcher() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const here = useWorkspace();
  const { workspaces } = useSession();
  return (
    <Menu width={240} position="bottom-start">
      <Menu.Target>
        <button type="button" className={classes.person}>
          <Logo />
          <span className={`${classes.name} truncate`}>{here.name}</span>
          <span className="unseen">. {t("workspace.switch")}</span>
          <IconSelector size={14} />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {workspaces.map((each) => (
          <Menu.Item
            key={each.slug}
            aria-current={each.slug === here.slug ? "true" : undefined}
            rightSection={each.slug === here.slug ? <IconCheck size={14} /> : null}
            onClick={() => void navigate({ to: "/w/$slug/people", params: { slug: each.slug } })}
          >
            {each.name}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<IconPlus size={14} />} component={Link} to="/welcome">
          {t("workspace.new")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
