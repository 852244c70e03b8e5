import { Checkbox, Group, MultiSelect, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { read, type Schemas } from "@/api";
import { useMay, useSlug } from "@/app/workspace";

type Role = Schemas["Role"];
// The owner sees everything.
const ROLES: readonly Role[] = ["admin", "agent", "viewer"];

/** From whom a segment is hidden. */
export interface Hidden {
  roles: readonly Role[];
  users: readonly string[];
}

export const FROM_NOBODY: Hidden = { roles: [], users: [] };

/** Chooses from whom a segment is hidden: roles, and members where the reader may know them. */
export function HiddenFields({ value, onChange }: { value: Hidden; onChange: (value: Hidden) => void }) {
  const { t } = useTranslation("segments");
  const { t: common } = useTranslation();
  const slug = useSlug();
  const knows = useMay("members:read");
  const members = useQuery({
    ...read("/api/v1/workspaces/{slug}/members", { params: { path: { slug } } }),
    enabled: knows,
  });
  const choices = (members.data ?? []).filter((member) => member.role !== "owner");
  return (
    <Stack gap="md">
      <Checkbox.Group
        label={t("hide.roles")}
        value={[...value.roles]}
        onChange={(next) => onChange({ ...value, roles: ROLES.filter((role) => next.includes(role)) })}
      >
        <Group gap="md" mt={4}>
          {ROLES.map((role) => (
            <Checkbox key={role} value={role} label={common(`workspace.roles.${role}`)} />
          ))}
        </Group>
      </Checkbox.Group>
      {knows && (
        <MultiSelect
          label={t("hide.users")}
          placeholder={value.users.length ? "" : t("hide.usersPlaceholder")}
          data={choices.map(({ id, name, email }) => ({ value: id, label: name || email }))}
          value={[...value.users]}
          onChange={(users) => onChange({ ...value, users })}
          searchable
          size="sm"
          nothingFoundMessage={t("hide.noUsers")}
        />
      )}
    </Stack>
  );
}
