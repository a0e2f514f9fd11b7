"""Words that one exchange partner spells otherwise than the schema does."""

#: Kinds of contacts as 1C-Bitrix spells them, old and new → as the schema does.
CONTACTS = {"ТелефонРабочий": "Телефон рабочий", "Электронная почта": "Почта"}
