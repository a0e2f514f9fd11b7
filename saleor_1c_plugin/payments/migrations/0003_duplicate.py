from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('onec_payments', '0002_registry'),
    ]

    operations = [
        migrations.AddField(
            model_name='attempt',
            name='duplicate',
            field=models.DecimalField(decimal_places=3, default=0, max_digits=15),
        ),
    ]
