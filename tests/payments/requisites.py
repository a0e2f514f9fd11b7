"""A merchant's requisites whose check digits are right."""

REQUISITES = {
    "name": "ООО «Ромашка»",
    "inn": "7707083893",
    "kpp": "773601001",
    "bank": "ПАО Сбербанк, г. Москва",
    "bic": "044525225",
    "account": "40702810200000012345",
    "correspondent_account": "30101810400000000225",
}
