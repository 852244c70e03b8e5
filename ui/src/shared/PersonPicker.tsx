import { type MantineSize, Select } from "@mantine/core";
import { IconUserSearch } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useFoundPeople } from "./findPeople";

const MOST = 10;

interface PersonPickerProps {
  label: string;
  choose: (number: number) => void;
  /** Numbers that are not offered. */
  without?: readonly number[];
  size?: MantineSize;
  className?: string | undefined;
}

/** Finds one person by any text that identifies them; empty again after each choice. */
export function PersonPicker({ label, choose, without = [], size = "sm", className }: PersonPickerProps) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const { people, searching } = useFoundPeople(text, MOST);
  const offered = people.filter(({ number }) => !without.includes(number));
  const options = offered.map(({ number, values }) => {
    const parts = [values.name, values.email ?? values.phone ?? values.user_id].filter((part) => part !== undefined);
    return { value: String(number), label: [...parts, `#${number}`].join(" · ") };
  });
  return (
    <Select
      size={size}
      className={className}
      label={label}
      placeholder={t("person.placeholder")}
      leftSection={<IconUserSearch size={15} stroke={1.7} />}
      searchable
      value={null}
      searchValue={text}
      onSearchChange={setText}
      data={options}
      filter={({ options: all }) => all} // the server has found them
      nothingFoundMessage={text.trim() ? t(searching ? "person.searching" : "person.none") : null}
      rightSection={null}
      onChange={(value) => {
        if (!value) return;
        choose(Number(value));
        setText("");
      }}
    />
  );
}
