"""Prices and rates of Brazil's Tesouro Direto, as Tesouro Transparente publishes their history.

Columns: Tesouro Transparente, "Taxas dos Titulos Ofertados pelo Tesouro Direto" (semicolons, decimal commas, days
first). A price (PU) is what one bond of 1,000 reais costs, with accrued interest. Fixed-rate bonds are the LTN
(Prefixado) and the NTN-F (com Juros Semestrais), whose 10 % are an effective year's, 4.88088 each half; Selic, IPCA+,
IGPM+, Renda+ and Educa+ are indexed.
"""

import polars as pl

from richcheap.ingestion.mappings.base import Refusal, SourceMapping, text

_KIND = text("Tipo Titulo")
_COUPONS = _KIND.str.contains("JUROS SEMESTRAIS")
_PRICE = "PU Base Manha"
NTN_F_RATE = 2.0 * (1.10**0.5 - 1.0)

MAPPING = SourceMapping(
    name="tesouro_direto",
    requires=("Tipo Titulo", "Data Vencimento", "Data Base", "Taxa Compra Manha", "Taxa Venda Manha", _PRICE),
    expressions={
        "bond_id": pl.concat_str(
            pl.col("Tipo Titulo").cast(pl.String).str.strip_chars(), pl.col("Data Vencimento").cast(pl.String),
            separator=" ",
        ),
        "date": pl.col("Data Base"),
        "dirty_price": pl.col(_PRICE),
        "maturity_date": pl.col("Data Vencimento"),
        "coupon_rate": pl.when(_COUPONS).then(pl.lit(f"{100.0 * NTN_F_RATE:.8f}%".replace(".", ",")))
        .otherwise(pl.lit("0%")),
        "frequency": pl.when(_COUPONS).then(pl.lit(2)).otherwise(pl.lit(0)),
        "bond_type": pl.lit("treasury"),
        "issuer": pl.lit("Brazil"),
        "sector": pl.lit("government"),
        "currency": pl.lit("BRL"),
        "face_value": pl.lit(1000.0),
        "price_kind": pl.lit("quote"),
    },
    refusals=(
        Refusal(
            "unsupported_instrument",
            ~_KIND.str.contains("PREFIXADO"),
            pl.format("Tipo Titulo: expected Tesouro Prefixado, got '{}' (indexed)", "Tipo Titulo"),
        ),
        Refusal(
            "not_quoted",
            pl.col(_PRICE).cast(pl.String).str.contains(r"^[0.,]*$"),
            pl.format(f"{_PRICE}: expected a price, got '{{}}' (not quoted)", _PRICE),
        ),
    ),
    settlement_lag_days=0,
    params={"price_unit": "per_face", "date_format": "%d/%m/%Y", "decimal": ","},
)  # fmt: skip
