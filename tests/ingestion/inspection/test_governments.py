import pytest

from richcheap.ingestion.inspection.governments import is_government, is_government_bond


@pytest.mark.parametrize("name", ["UK", "Federal Republic of Germany", "US Treasury N/B", "Australia Government Bond"])
def test_governments_are_known_by_their_names(name: str) -> None:
    assert is_government(name)


@pytest.mark.parametrize("name", ["Bank of Ireland", "Deutsche Bank", "Treasury Wine Estates", "Italgas"])
def test_others_are_not_taken_for_them(name: str) -> None:
    assert not is_government(name)


@pytest.mark.parametrize("text", ["T 4 1/4 11/15/34 Govt", "DBR 2.2 15/02/34", "4¼% Treasury Gilt 2036", "BTP 4.15 39"])
def test_their_bonds_are_known_by_their_descriptions(text: str) -> None:
    assert is_government_bond(text)


@pytest.mark.parametrize("text", ["TSLA 5.3 08/15/25 Corp", "Gilead 2.8 2050", "T-Mobile 3.5 31", "TOTAL 4 2030"])
def test_bonds_of_companies_are_not(text: str) -> None:
    assert not is_government_bond(text)
