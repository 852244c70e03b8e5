import { ActionIcon, Badge, Menu } from "@mantine/core";
import { IconArrowMerge, IconBan, IconDots, IconEraser, IconFileZip, IconLink, IconTrash } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { useWrite } from "@/api";
import { useMay, useSlug } from "@/app/workspace";
import { MergeDialog } from "@/features/merging";
import { EraseDialog } from "@/features/privacy";
import { CopyButton, notifyDone, OWN_CHANGE, patchListed } from "@/shared";
import { Confirm } from "@/shared/Confirm";
import { FieldValue } from "./Details";
import classes from "./Header.module.css";
import { Picture } from "./Picture";
import { useCopy } from "./useCopy";
import { type Person, useShownFields } from "./usePerson";
import { headFields, headOf, linkOf } from "./values";

const BANNED = { refresh: ["/api/v1/workspaces/{slug}/people/{number}"], mutationKey: OWN_CHANGE } as const;

interface HeaderProps {
  person: Person;
  heading: "h1" | "h2";
  /** Name and address are changed here, and not below. */
  editable?: boolean;
  /** Buttons of the panel or the page. */
  tools?: ReactNode;
  /** Called when the person is gone; without it the list is shown. */
  onDeleted?: (() => void) | undefined;
}

/** Who it is: picture, name, main address, ban, and what can be done about them. */
export function Header({ person, heading: Heading, editable = false, tools, onDeleted }: HeaderProps) {
  const { t } = useTranslation("profile");
  const fields = useShownFields();
  const [called, reached] = headFields(person.data).map((key) => fields.find((each) => editable && each.name === key));
  const { name, address } = headOf(person.data, t("unnamed", { number: person.number }));
  const picture = typeof person.data.avatar === "string" ? linkOf(person.data.avatar) : null;
  const copied = <CopyButton value={address} label={t("details.copy", { value: address })} />;
  return (
    <header className={classes.header}>
      <Picture key={picture} name={name} address={picture} />
      <div className={classes.who}>
        <div className={classes.line}>
          <Heading className={classes.name}>
            {called ? <FieldValue key={called.name} person={person} field={called} /> : name}
          </Heading>
          {person.data.banned === true && (
            <Badge color="red" variant="light" size="sm" leftSection={<IconBan size={11} />}>
              {t("banned")}
            </Badge>
          )}
        </div>
        {address && (
          <div className={classes.line}>
            <span className={classes.address}>
              {reached ? <FieldValue key={reached.name} person={person} field={reached} beside={copied} /> : address}
            </span>
            {!reached && copied}
          </div>
        )}
      </div>
      <div className={classes.tools}>
        {tools}
        <Actions person={person} name={name} onDeleted={onDeleted} />
      </div>
    </header>
  );
}

interface ActionsProps {
  person: Person;
  name: string;
  onDeleted: (() => void) | undefined;
}

function Actions({ person, name, onDeleted }: ActionsProps) {
  const { t } = useTranslation("profile");
  const slug = useSlug();
  const client = useQueryClient();
  const navigate = useNavigate();
  const mayWrite = useMay("people:write");
  const mayDelete = useMay("people:delete");
  const [asking, setAsking] = useState(false);
  const [merging, setMerging] = useState(false);
  const [erasing, setErasing] = useState(false);
  const mayExport = useMay("people:export");
  const copy = useCopy();
  const ban = useWrite("post", "/api/v1/workspaces/{slug}/people/{number}/ban", BANNED);
  const lift = useWrite("post", "/api/v1/workspaces/{slug}/people/{number}/unban", BANNED);
  const remove = useWrite("delete", "/api/v1/workspaces/{slug}/people/{number}", {
    refresh: ["/api/v1/workspaces/{slug}/people", "/api/v1/workspaces/{slug}/segments"],
  });
  const banned = person.data.banned === true;
  const setBanned = (to: boolean, undoable = true) =>
    (to ? ban : lift).mutate(
      { params: { path: { slug, number: person.number } } },
      {
        onSuccess: () => {
          patchListed(client, slug, { number: person.number, data: { ...person.data, banned: to } });
          const undo = undoable ? { undo: () => setBanned(!to, false) } : {};
          notifyDone(t(to ? "ban.done" : "ban.lifted", { name }), undo);
        },
      },
    );
  const copyLink = async () => {
    const { origin } = window.location;
    await navigator.clipboard.writeText(`${origin}/w/${encodeURIComponent(slug)}/people/${person.number}`);
    notifyDone(t("linkCopied"));
  };
  return (
    <>
      <Menu position="bottom-end" width={200}>
        <Menu.Target>
          <ActionIcon aria-label={t("actions")}>
            <IconDots size={17} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconLink size={15} />} onClick={() => void copyLink()}>
            {t("copyLink")}
          </Menu.Item>
          {mayWrite && (
            <Menu.Item leftSection={<IconArrowMerge size={15} />} onClick={() => setMerging(true)}>
              {t("merge.open")}
            </Menu.Item>
          )}
          {mayWrite && (
            <Menu.Item leftSection={<IconBan size={15} />} onClick={() => setBanned(!banned)}>
              {t(banned ? "ban.lift" : "ban.set")}
            </Menu.Item>
          )}
          {mayExport && (
            <Menu.Item leftSection={<IconFileZip size={15} />} onClick={() => copy(person.number, name)}>
              {t("copy.open")}
            </Menu.Item>
          )}
          {mayDelete && (
            <>
              <Menu.Divider />
              <Menu.Item color="red" leftSection={<IconTrash size={15} />} onClick={() => setAsking(true)}>
                {t("delete.open")}
              </Menu.Item>
              <Menu.Item color="red" leftSection={<IconEraser size={15} />} onClick={() => setErasing(true)}>
                {t("erase.open")}
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      {merging && <MergeDialog number={person.number} close={() => setMerging(false)} />}
      {erasing && (
        <EraseDialog
          number={person.number}
          name={name}
          close={() => setErasing(false)}
          begun={() => {
            if (onDeleted) onDeleted();
            else void navigate({ to: "/w/$slug/people", params: { slug } });
          }}
        />
      )}
      <Confirm
        opened={asking}
        title={t("delete.title", { name })}
        text={t("delete.text")}
        action={t("delete.confirm")}
        busy={remove.isPending}
        close={() => setAsking(false)}
        confirm={() =>
          remove.mutate(
            { params: { path: { slug, number: person.number } } },
            {
              onSuccess: () => {
                setAsking(false);
                notifyDone(t("delete.done", { name }));
                if (onDeleted) onDeleted();
                else void navigate({ to: "/w/$slug/people", params: { slug } });
              },
            },
          )
        }
      />
    </>
  );
}
