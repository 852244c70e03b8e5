import { Combobox, useCombobox } from "@mantine/core";
import { IconBolt, IconCirclesRelation, IconDots, IconForms, IconTag } from "@tabler/icons-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Target } from "./conditions";
import classes from "./Filter.module.css";
import type { Vocabulary } from "./known";

interface Choice {
  value: string;
  label: string;
  note: string;
  target: Target;
}
interface Group {
  label: string;
  icon: ReactNode;
  choices: Choice[];
}

const MOST = 60;
const FORMS = ["sequence", "bucket"] as const;

/** Everything a condition can be about, in groups, with a search over all of them. */
export function FieldPicker({
  vocabulary,
  onPick,
  children,
}: {
  vocabulary: Vocabulary;
  onPick: (target: Target) => void;
  children: (toggle: () => void) => ReactNode;
}) {
  const { t } = useTranslation("people");
  const [search, setSearch] = useState("");
  const picked = useRef(false);
  const combobox = useCombobox({
    onDropdownClose: () => {
      combobox.resetSelectedOption();
      // After a choice the focus goes on into the new condition.
      if (!picked.current) combobox.focusTarget();
      picked.current = false;
      setSearch("");
    },
    onDropdownOpen: () => combobox.focusSearchInput(),
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: another search has another first option
  useEffect(() => {
    if (search) combobox.selectFirstOption();
  }, [search]);
  const groups = useGroups(vocabulary)
    .map((group) => ({
      ...group,
      choices: group.choices.filter((each) => has(each.label, search) || has(each.note, search)).slice(0, MOST),
    }))
    .filter(({ choices }) => choices.length > 0);
  const all = new Map(groups.flatMap(({ choices }) => choices.map((each) => [each.value, each.target] as const)));
  return (
    <Combobox
      store={combobox}
      width={300}
      position="bottom-start"
      shadow="md"
      onOptionSubmit={(value) => {
        const target = all.get(value);
        picked.current = target !== undefined;
        combobox.closeDropdown();
        if (target) onPick(target);
      }}
    >
      <Combobox.Target targetType="button" withAriaAttributes={false}>
        {children(() => combobox.toggleDropdown())}
      </Combobox.Target>
      <Combobox.Dropdown>
        <Combobox.Search
          role="combobox"
          aria-expanded={true}
          value={search}
          onChange={(event) => {
            setSearch(event.currentTarget.value);
          }}
          placeholder={t("pick.search")}
          aria-label={t("pick.search")}
        />
        <Combobox.Options className={classes.options} aria-label={t("pick.label")}>
          {groups.map(({ label, icon, choices }) => (
            <Combobox.Group label={label} key={label}>
              {choices.map((choice) => (
                <Combobox.Option value={choice.value} key={choice.value} className={classes.option}>
                  <span className={classes.optionIcon}>{icon}</span>
                  <span className="truncate">{choice.label}</span>
                  <span className={classes.optionNote}>{choice.note}</span>
                </Combobox.Option>
              ))}
            </Combobox.Group>
          ))}
          {groups.length === 0 && <Combobox.Empty>{t("pick.nothing")}</Combobox.Empty>}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}

function useGroups({ fields, segments, events }: Vocabulary): Group[] {
  const { t } = useTranslation("people");
  const field = (each: Vocabulary["fields"][number]): Choice => ({
    value: `field ${each.name}`,
    label: each.label,
    note: each.label === each.name ? "" : each.name,
    target: { kind: "field", field: each },
  });
  const builtin = new Map<string, Choice[]>();
  for (const each of fields) {
    if (each.kind !== "builtin" || each.name === "tags") continue;
    builtin.set(each.group, [...(builtin.get(each.group) ?? []), field(each)]);
  }
  const starred = [...segments].sort((one, two) => Number(two.starred) - Number(one.starred));
  return [
    { label: t("pick.tags"), icon: <IconTag size={15} stroke={1.7} />, choices: fields.filter(isTags).map(field) },
    ...[...builtin].map(([label, choices]) => ({ label, icon: <IconForms size={15} stroke={1.7} />, choices })),
    {
      label: t("pick.custom"),
      icon: <IconForms size={15} stroke={1.7} />,
      choices: fields.filter(({ kind }) => kind === "attribute").map(field),
    },
    {
      label: t("pick.segments"),
      icon: <IconCirclesRelation size={15} stroke={1.7} />,
      choices: starred.map(({ id, name, starred: star }) => ({
        value: `segment ${id}`,
        label: name,
        note: star ? "★" : "",
        target: { kind: "segment", id, name },
      })),
    },
    {
      label: t("pick.events"),
      icon: <IconBolt size={15} stroke={1.7} />,
      choices: events.map((name) => ({
        value: `event ${name}`,
        label: name,
        note: "",
        target: { kind: "event", name },
      })),
    },
    {
      label: t("pick.more"),
      icon: <IconDots size={15} stroke={1.7} />,
      choices: FORMS.filter((kind) => kind !== "sequence" || events.length > 0).map((kind) => ({
        value: kind,
        label: t(`written.${kind}`),
        note: "",
        target: { kind },
      })),
    },
  ];
}

function isTags({ name }: { name: string }): boolean {
  return name === "tags";
}

function has(text: string, part: string): boolean {
  return text.toLowerCase().includes(part.trim().toLowerCase());
}
