"""Sizes of the columns that several billing tables share."""

from __future__ import annotations

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator

# An amount in the row's `currency`. Four decimals are the longest minor unit in ISO 4217; rules/money.py quantises.
DIGITS = 16
PLACES = 4

# A tax rate in percent.
RATE_DIGITS = 6
RATE_PLACES = 3  # 8.875 % in New York, 9.975 % in Quebec
RATE_VALIDATORS = [MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(100))]
