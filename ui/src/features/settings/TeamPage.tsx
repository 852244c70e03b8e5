import { ActionIcon, Badge, Button, Checkbox, Modal, Select, Table, TextInput } from "@mantine/core";
import { IconTrash, IconUserPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { read, type Schemas, useWrite } from "@/api";
import { useMay, useSession, useSlug, useWorkspace } from "@/app/workspace";
import { ErrorState, messageOf, notifyDone, PageHeader, RelativeTime, RowsSkeleton } from "@/shared";
import { Confirm } from "@/shared/Confirm";
import classes from "./Settings.module.css";

type Role = Schemas["Role"];
type Member = Schemas["MemberOut"];
const ROLES: readonly Role[] = ["owner", "admin", "agent", "viewer"];
const MEMBERS = "/api/v1/workspaces/{slug}/members";
const KEYS = "/api/v1/workspaces/{slug}/keys";
const MEMBER = "/api/v1/workspaces/{slug}/members/{user_id}";

/** Who belongs to the workspace, and as what. */
export function TeamPage() {
  const { t } = useTranslation("settings");
  const { slug } = useWorkspace();
  const mayManage = useMay("members:manage");
  const [adding, setAdding] = useState(false);
  const [leaving, setLeaving] = useState<Member | null>(null);
  const [revoking, setRevoking] = useState(false);
  const members = useQuery(read(MEMBERS, { params: { path: { slug } } }));
  const remove = useWrite("delete", MEMBER, { refresh: [MEMBERS, KEYS] });
  const name = leaving?.name || leaving?.email || "";
  const keys = leaving?.keys ?? 0;
  const leave = () => {
    setLeaving(null);
    setRevoking(false);
  };
  return (
    <>
      <PageHeader
        title={t("parts.team")}
        count={members.data?.length}
        actions={
          mayManage && (
            <Button leftSection={<IconUserPlus size={15} />} onClick={() => setAdding(true)}>
              {t("team.add")}
            </Button>
          )
        }
      />
      {members.isPending && <RowsSkeleton rows={3} />}
      {members.isError && <ErrorState error={members.error} retry={() => void members.refetch()} />}
      {members.data && <Members members={members.data} onRemove={setLeaving} />}
      <AddMember opened={adding} close={() => setAdding(false)} />
      <Confirm
        opened={leaving !== null}
        title={t("team.removeTitle", { name })}
        text={t("team.removeText")}
        action={t("team.remove")}
        busy={remove.isPending}
        close={leave}
        confirm={() =>
          leaving &&
          remove.mutate(
            { params: { path: { slug, user_id: leaving.id }, query: { their_keys: revoking ? "revoke" : "keep" } } },
            { onSuccess: () => notifyDone(t("team.removed", { name })), onSettled: leave },
          )
        }
      >
        {keys > 0 && (
          <div className={classes.form} data-bare>
            <p className={classes.note}>{t("team.keysStay", { count: keys })}</p>
            <Checkbox
              size="xs"
              label={t("team.revokeKeys", { count: keys })}
              checked={revoking}
              onChange={(event) => setRevoking(event.currentTarget.checked)}
            />
          </div>
        )}
      </Confirm>
    </>
  );
}

/** The roles that someone may give: only an owner makes owners. */
function useRoles(): { value: Role; label: string }[] {
  const { t } = useTranslation();
  const { role } = useWorkspace();
  return ROLES.filter((each) => role === "owner" || each !== "owner").map((value) => ({
    value,
    label: t(`workspace.roles.${value}`),
  }));
}

interface MembersProps {
  members: readonly Member[];
  onRemove: (member: Member) => void;
}

function Members({ members, onRemove }: MembersProps) {
  const { t } = useTranslation(["settings", "common"]);
  const { slug, timezone, role } = useWorkspace();
  const { user } = useSession();
  const mayManage = useMay("members:manage");
  const roles = useRoles();
  const change = useWrite("patch", MEMBER, { refresh: [MEMBERS], onSuccess: () => notifyDone(t("team.changed")) });
  const owners = members.filter((each) => each.role === "owner").length;
  return (
    <Table.ScrollContainer minWidth={560}>
      <Table aria-label={t("parts.team")} verticalSpacing={8} data-stack>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("team.member")}</Table.Th>
            <Table.Th w={170}>{t("team.role")}</Table.Th>
            <Table.Th w={150}>{t("team.since")}</Table.Th>
            <Table.Th w={56} aria-label={t("team.remove")} />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {members.map((member) => {
            const own = member.id === user.id;
            // An admin leaves owners alone, and the last owner stays one.
            const fixed = !mayManage || (member.role === "owner" && (role !== "owner" || owners === 1));
            return (
              <Table.Tr key={member.id}>
                <Table.Td data-cell="main">
                  <div>
                    {member.name || member.email}{" "}
                    {own && (
                      <Badge size="xs" variant="light">
                        {t("team.you")}
                      </Badge>
                    )}
                    {!member.active && (
                      <Badge size="xs" color="gray" variant="light">
                        {t("team.inactive")}
                      </Badge>
                    )}
                  </div>
                  {member.name && <div className={classes.quiet}>{member.email}</div>}
                </Table.Td>
                <Table.Td>
                  {fixed ? (
                    t(`common:workspace.roles.${member.role}`)
                  ) : (
                    <Select
                      size="xs"
                      aria-label={t("team.roleOf", { name: member.name || member.email })}
                      allowDeselect={false}
                      data={roles}
                      value={member.role}
                      onChange={(value) => {
                        const next = ROLES.find((each) => each === value);
                        if (next && next !== member.role) {
                          change.mutate({ params: { path: { slug, user_id: member.id } }, body: { role: next } });
                        }
                      }}
                    />
                  )}
                </Table.Td>
                <Table.Td data-label={t("team.since")}>
                  <RelativeTime at={member.since} zone={timezone} />
                </Table.Td>
                <Table.Td data-cell="end">
                  {!fixed && (
                    <ActionIcon
                      aria-label={t("team.removeOf", { name: member.name || member.email })}
                      onClick={() => onRemove(member)}
                    >
                      <IconTrash size={15} />
                    </ActionIcon>
                  )}
                </Table.Td>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function AddMember({ opened, close }: { opened: boolean; close: () => void }) {
  const { t } = useTranslation(["settings", "common"]);
  const slug = useSlug();
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<Role>("agent");
  const roles = useRoles();
  const add = useWrite("post", MEMBERS, { refresh: [MEMBERS], meta: { quiet: true } });
  const leave = () => {
    setEmail("");
    add.reset();
    close();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate(
      { params: { path: { slug } }, body: { email: email.trim(), role } },
      {
        onSuccess: (member) => {
          notifyDone(t(member.mailed ? "team.added" : "team.addedUntold", { name: member.name || member.email }));
          leave();
        },
      },
    );
  };
  return (
    <Modal opened={opened} onClose={leave} title={t("team.add")}>
      <form className={classes.form} data-bare onSubmit={submit}>
        <TextInput
          label={t("team.email")}
          type="email"
          required
          withAsterisk={false}
          data-autofocus
          value={email}
          onChange={(event) => setEmail(event.target.value)}
          error={add.error ? messageOf(add.error) : undefined}
        />
        <Select
          label={t("team.role")}
          description={t(`roleText.${role}`)}
          allowDeselect={false}
          data={roles}
          value={role}
          onChange={(value) => setRole(ROLES.find((each) => each === value) ?? "agent")}
        />
        <p className={classes.quiet}>{t("team.addText")}</p>
        <div className={classes.buttons}>
          <Button variant="default" onClick={leave}>
            {t("common:actions.cancel")}
          </Button>
          <Button type="submit" loading={add.isPending}>
            {t("team.add")}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
