import { Button, Popover, ScrollArea } from "@mantine/core";
import { IconColumns3 } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useFields } from "@/app/workspace";
import { ChosenFields } from "@/shared/ChosenFields";
import { type Column, DEFAULT_COLUMNS, FIRST, movedColumn, toggledColumn } from "./view";

interface ColumnsProps {
  columns: readonly Column[];
  onColumns: (columns: readonly Column[]) => void;
}

/** Which columns there are, and in which order. */
export function ColumnsMenu({ columns, onColumns }: ColumnsProps) {
  const { t } = useTranslation("people");
  const fields = useFields();
  return (
    <Popover position="bottom-end" width={280} shadow="md" trapFocus returnFocus withRoles={false}>
      <Popover.Target>
        <Button variant="default" leftSection={<IconColumns3 size={15} stroke={1.7} />} aria-haspopup="dialog">
          {t("columns.open")}
        </Button>
      </Popover.Target>
      <Popover.Dropdown role="dialog" aria-label={t("columns.open")}>
        <ScrollArea.Autosize mah={420} type="auto" offsetScrollbars="y">
          <ChosenFields
            fields={fields}
            chosen={columns.map(({ field }) => field)}
            without={[FIRST]}
            onMove={(from, to) => onColumns(movedColumn(columns, from, to))}
            onToggle={(name) => onColumns(toggledColumn(columns, name))}
          />
        </ScrollArea.Autosize>
        <Button variant="subtle" color="gray" size="compact-xs" mt={6} onClick={() => onColumns(DEFAULT_COLUMNS)}>
          {t("columns.reset")}
        </Button>
      </Popover.Dropdown>
    </Popover>
  );
}
