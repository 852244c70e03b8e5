import { Badge, Button, Checkbox, Modal, SegmentedControl, Table, TextInput } from "@mantine/core";
import { IconKey, IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { read, type Schemas, useWrite } from "@/api";
import { useSlug, useWorkspace } from "@/app/workspace";
import {
  CopyButton,
  EmptyState,
  ErrorState,
  formatTime,
  messageOf,
  notifyDone,
  PageHeader,
  RelativeTime,
  RowsSkeleton,
} from "@/shared";
import { Confirm } from "@/shared/Confirm";
import classes from "./Settings.module.css";

type Key = Schemas["KeyOut"];
type Kind = "write" | "secret";
const KEYS = "/api/v1/workspaces/{slug}/keys";
const KEY = "/api/v1/workspaces/{slug}/keys/{key_id}";

/** What a secret key can be allowed, as accounts/permissions.py has it. */
const SCOPES = [
  "people:read",
  "people:write",
  "people:delete",
  "people:export",
  "attributes:write",
  "segments:read",
  "segments:write",
  "events:read",
  "events:write",
  "jobs:read",
  "jobs:manage",
  "workspace:read",
] as const;

/** Keys of programs: made, seen and ended here; the secret is shown once. */
export function KeysPage() {
  const { t } = useTranslation("settings");
  const slug = useSlug();
  const [making, setMaking] = useState(false);
  const [ending, setEnding] = useState<Key | null>(null);
  const keys = useQuery(read(KEYS, { params: { path: { slug } } }));
  const revoke = useWrite("delete", KEY, { refresh: [KEYS] });
  const make = (
    <Button leftSection={<IconPlus size={15} />} onClick={() => setMaking(true)}>
      {t("keys.add")}
    </Button>
  );
  return (
    <>
      <PageHeader title={t("parts.keys")} actions={make} />
      <p className={classes.lead}>{t("keys.text")}</p>
      {keys.isPending && <RowsSkeleton rows={3} />}
      {keys.isError && <ErrorState error={keys.error} retry={() => void keys.refetch()} />}
      {keys.data?.length === 0 && <EmptyState icon={<IconKey size={22} />} title={t("keys.empty")} action={make} />}
      {keys.data && keys.data.length > 0 && <Keys keys={keys.data} onRevoke={setEnding} />}
      {making && <MakeKey close={() => setMaking(false)} />}
      <Confirm
        opened={ending !== null}
        title={t("keys.revokeTitle", { name: ending?.name ?? "" })}
        text={t("keys.revokeText")}
        action={t("keys.revoke")}
        busy={revoke.isPending}
        close={() => setEnding(null)}
        confirm={() =>
          ending &&
          revoke.mutate(
            { params: { path: { slug, key_id: ending.id } } },
            {
              onSuccess: () => notifyDone(t("keys.revokedToast", { name: ending.name })),
              onSettled: () => setEnding(null),
            },
          )
        }
      />
    </>
  );
}

function Keys({ keys, onRevoke }: { keys: readonly Key[]; onRevoke: (key: Key) => void }) {
  const { t } = useTranslation("settings");
  const { timezone } = useWorkspace();
  return (
    <Table.ScrollContainer minWidth={720}>
      <Table aria-label={t("parts.keys")} verticalSpacing={8} data-stack>
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={180}>{t("keys.name")}</Table.Th>
            <Table.Th w={110}>{t("keys.kind")}</Table.Th>
            <Table.Th>{t("keys.scopes")}</Table.Th>
            <Table.Th w={120}>{t("keys.lastUsed")}</Table.Th>
            <Table.Th w={150}>{t("keys.created")}</Table.Th>
            <Table.Th w={100} aria-label={t("keys.revoke")} />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {keys.map((key) => (
            <Table.Tr key={key.id} {...(key.revoked_at && { c: "dimmed" })}>
              <Table.Td data-cell="main">
                <div>{key.name}</div>
                <div className={classes.code}>{key.prefix}…</div>
              </Table.Td>
              <Table.Td>{t(key.kind === "write" ? "keys.write" : "keys.secret")}</Table.Td>
              <Table.Td className={classes.quiet} data-cell="wide">
                {key.kind === "write" ? t("keys.writeScope") : key.scopes.join(", ")}
              </Table.Td>
              <Table.Td data-label={t("keys.lastUsed")}>
                {key.last_used_at ? <RelativeTime at={key.last_used_at} zone={timezone} /> : t("keys.never")}
              </Table.Td>
              <Table.Td data-label={t("keys.created")}>
                <RelativeTime at={key.created_at} zone={timezone} />
                {key.maker && (
                  <div className={classes.quiet}>
                    {key.maker.name || key.maker.email}{" "}
                    {key.maker.role === null && (
                      <Badge size="xs" color="orange" variant="light">
                        {t("keys.makerLeft")}
                      </Badge>
                    )}
                  </div>
                )}
              </Table.Td>
              <Table.Td data-cell="end">
                {key.revoked_at ? (
                  <Badge color="gray" variant="light" title={formatTime(key.revoked_at, timezone)}>
                    {t("keys.revoked")}
                  </Badge>
                ) : (
                  <Button
                    variant="subtle"
                    color="red"
                    size="compact-xs"
                    aria-label={t("keys.revokeOf", { name: key.name })}
                    onClick={() => onRevoke(key)}
                  >
                    {t("keys.revoke")}
                  </Button>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

/** Makes a key; then shows its token, which nobody can see again. */
function MakeKey({ close }: { close: () => void }) {
  const { t } = useTranslation(["settings", "common"]);
  const { slug, permissions } = useWorkspace();
  const [kind, setKind] = useState<Kind>("write");
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<string[]>(["people:read", "segments:read"]);
  const make = useWrite("post", KEYS, { refresh: [KEYS], meta: { quiet: true } });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const body = { kind, name: name.trim(), scopes: kind === "secret" ? scopes : [] };
    make.mutate({ params: { path: { slug } }, body });
  };
  if (make.data) {
    return (
      <Modal
        opened
        onClose={close}
        title={t("keys.made", { name: make.data.name })}
        closeOnClickOutside={false}
        closeOnEscape={false}
      >
        <div className={classes.form} data-bare>
          <p className={classes.note}>{t("keys.once")}</p>
          <div className={classes.secret}>
            <code>{make.data.token}</code>
            <CopyButton value={make.data.token} label={t("keys.copy")} />
          </div>
          <div className={classes.buttons}>
            <Button onClick={close}>{t("keys.kept")}</Button>
          </div>
        </div>
      </Modal>
    );
  }
  return (
    <Modal opened onClose={close} title={t("keys.add")}>
      <form className={classes.form} data-bare onSubmit={submit}>
        <div role="alert">{make.error && <p className={classes.problem}>{messageOf(make.error)}</p>}</div>
        <SegmentedControl
          aria-label={t("keys.kind")}
          value={kind}
          onChange={(value) => setKind(value === "secret" ? "secret" : "write")}
          data={[
            { value: "write", label: t("keys.write") },
            { value: "secret", label: t("keys.secret") },
          ]}
        />
        <p className={classes.quiet}>{t(kind === "write" ? "keys.writeText" : "keys.secretText")}</p>
        <TextInput
          label={t("keys.name")}
          placeholder={t("keys.nameExample")}
          required
          withAsterisk={false}
          maxLength={120}
          data-autofocus
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        {kind === "secret" && (
          <Checkbox.Group label={t("keys.scopes")} value={scopes} onChange={setScopes}>
            {SCOPES.filter((scope) => permissions.includes(scope)).map((scope) => (
              <Checkbox
                key={scope}
                mt={8}
                size="xs"
                value={scope}
                label={t(`scope.${scope.replace(":", "_")}` as "scope.people_read")}
              />
            ))}
          </Checkbox.Group>
        )}
        <div className={classes.buttons}>
          <Button variant="default" onClick={close}>
            {t("common:actions.cancel")}
          </Button>
          <Button
            type="submit"
            loading={make.isPending}
            disabled={!name.trim() || (kind === "secret" && !scopes.length)}
          >
            {t("keys.add")}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
