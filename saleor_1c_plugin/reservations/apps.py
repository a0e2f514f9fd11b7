from django.apps import AppConfig


class ReservationsConfig(AppConfig):
    name = "saleor_1c_plugin.reservations"
    label = "onec_reservations"
    default_auto_field = "django.db.models.BigAutoField"
