import { Button, Menu, Modal, Switch, TextInput } from "@mantine/core";
import { IconCheck, IconChevronDown, IconHome, IconTrash, IconUsersGroup } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { read, type Schemas, useWrite } from "@/api";
import { useMay, useSlug, useWorkspace } from "@/app/workspace";
import { messageOf, notifyDone } from "@/shared";
import classes from "./List.module.css";
import { allColumns, DEFAULT_SORT, isSameView, type View, viewOf, viewOfSaved } from "./view";

const VIEWS = "/api/v1/workspaces/{slug}/views";
const ONE = "/api/v1/workspaces/{slug}/views/{view}";
// A view is a use of the segments that its filter names.
const STALE = [VIEWS, "/api/v1/workspaces/{slug}/segments", "/api/v1/workspaces/{slug}/segments/{segment}"] as const;
export type Saved = Schemas["ViewOut"];
/** What the address names the list as it comes. */
export const ALL = "all";

/** The saved views that the reader sees. */
export function useViews() {
  const slug = useSlug();
  return useQuery({ ...read(VIEWS, { params: { path: { slug } } }), staleTime: 30_000 });
}

interface ViewsProps {
  view: View;
  saved: Saved | undefined;
  views: readonly Saved[];
  /** Shows a view and names it in the address. */
  onShow: (view: View, id: string) => void;
}

/** Which view is shown, whether it was changed, and what to do about it. */
export function ViewsMenu({ view, saved, views, onShow }: ViewsProps) {
  const { t } = useTranslation("people");
  const slug = useSlug();
  const [naming, setNaming] = useState(false);
  const change = useWrite("patch", ONE, { refresh: STALE });
  const remove = useWrite("delete", ONE, { refresh: STALE });
  const leads = useLeads();
  const plain = viewOf({});
  const base = saved ? viewOfSaved(saved) : plain;
  const modified = !isSameView(view, base);
  const save = () =>
    saved &&
    change.mutate(
      { params: { path: { slug, view: saved.id } }, body: bodyOf(view) },
      { onSuccess: () => notifyDone(t("views.saved", { name: saved.name })) },
    );
  return (
    <div className={classes.views}>
      <Menu position="bottom-start" width={260}>
        <Menu.Target>
          <Button variant="default" rightSection={<IconChevronDown size={14} />} className={classes.viewButton ?? ""}>
            <span className="truncate">{saved?.name ?? t("views.all")}</span>
            {modified && <span className={classes.modified}>{t("views.modified")}</span>}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={!saved ? <IconCheck size={14} /> : <span className={classes.noIcon} />}
            onClick={() => onShow(plain, ALL)}
          >
            {t("views.all")}
          </Menu.Item>
          {views.length > 0 && <Menu.Label>{t("views.list")}</Menu.Label>}
          {views.map((each) => (
            <Menu.Item
              key={each.id}
              disabled={each.broken !== null}
              title={each.broken ?? undefined}
              leftSection={each.id === saved?.id ? <IconCheck size={14} /> : <span className={classes.noIcon} />}
              rightSection={<Marks view={each} />}
              onClick={() => onShow(viewOfSaved(each), each.id)}
            >
              {each.name}
              {each.broken && <span className={classes.broken}>{t("views.broken")}</span>}
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Item onClick={() => setNaming(true)}>{t("views.saveAs")}</Menu.Item>
          {saved && leads && !saved.is_default && (
            <Menu.Item
              leftSection={<IconHome size={14} />}
              onClick={() =>
                change.mutate({ params: { path: { slug, view: saved.id } }, body: { shared: true, is_default: true } })
              }
            >
              {t("views.makeDefault")}
            </Menu.Item>
          )}
          {saved?.own && (
            <Menu.Item
              leftSection={<IconTrash size={14} />}
              onClick={() =>
                remove.mutate(
                  { params: { path: { slug, view: saved.id } } },
                  {
                    onSuccess: () => {
                      notifyDone(t("views.deleted", { name: saved.name }));
                      onShow(plain, ALL);
                    },
                  },
                )
              }
            >
              {t("views.delete")}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      {modified && (
        <>
          {saved?.own && (
            <Button variant="light" onClick={save} loading={change.isPending}>
              {t("views.save")}
            </Button>
          )}
          <Button variant="subtle" onClick={() => setNaming(true)}>
            {t("views.saveAs")}
          </Button>
          <Button variant="subtle" color="gray" onClick={() => onShow(base, saved?.id ?? ALL)}>
            {t("views.reset")}
          </Button>
        </>
      )}
      {naming && <SaveAs view={view} onClose={() => setNaming(false)} onSaved={(made) => onShow(view, made.id)} />}
    </div>
  );
}

function bodyOf(view: View) {
  return {
    where: view.where,
    sort: view.sort || DEFAULT_SORT,
    columns: allColumns(view).map(({ field, width }) => ({ field, ...(width !== undefined && { width }) })),
  };
}

function Marks({ view }: { view: Saved }) {
  const { t } = useTranslation("people");
  return (
    <>
      {view.is_default && <IconHome size={14} aria-label={t("views.isDefault")} />}
      {view.shared && <IconUsersGroup size={14} aria-label={t("views.isShared")} />}
    </>
  );
}

/** Whether the reader may choose the view that everyone's list opens with. */
function useLeads(): boolean {
  const { role } = useWorkspace();
  return role === "owner" || role === "admin";
}

function SaveAs({ view, onClose, onSaved }: { view: View; onClose: () => void; onSaved: (made: Saved) => void }) {
  const { t } = useTranslation("people");
  const { t: common } = useTranslation();
  const slug = useSlug();
  const [name, setName] = useState("");
  const [shared, setShared] = useState(false);
  const [isDefault, setDefault] = useState(false);
  const mayShare = useMay("people:write");
  const leads = useLeads();
  const create = useWrite("post", VIEWS, { refresh: STALE, meta: { quiet: true } });
  return (
    <Modal opened onClose={onClose} title={t("views.saveAs")} size="sm">
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate(
            { params: { path: { slug } }, body: { ...bodyOf(view), name: name.trim(), shared, is_default: isDefault } },
            {
              onSuccess: (made) => {
                notifyDone(t("views.saved", { name: made.name }));
                onSaved(made);
                onClose();
              },
            },
          );
        }}
      >
        <TextInput
          data-autofocus
          required
          label={t("views.name")}
          maxLength={120}
          value={name}
          error={create.error && messageOf(create.error)}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        {mayShare && (
          <Switch
            label={t("views.share")}
            checked={shared}
            onChange={(event) => {
              setShared(event.currentTarget.checked);
              if (!event.currentTarget.checked) setDefault(false);
            }}
          />
        )}
        {mayShare && leads && (
          <Switch
            label={t("views.default")}
            checked={isDefault}
            onChange={(event) => {
              setDefault(event.currentTarget.checked);
              // What everyone's list opens with, everyone has to see.
              if (event.currentTarget.checked) setShared(true);
            }}
          />
        )}
        <div className={classes.formFoot}>
          <Button variant="default" onClick={onClose}>
            {common("actions.cancel")}
          </Button>
          <Button type="submit" loading={create.isPending} disabled={!name.trim()}>
            {t("views.save")}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
