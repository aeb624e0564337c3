"""What the examples of the academia tools cannot show: cross-checks with second libraries, seeds, refusals."""

import math
import re

import pytest

from dive_tools.pool import builtin
from dive_tools.tools.academia import (
    SEEDS,
    books,
    inference,
    integers,
    polynomials,
    words,
)
from dive_tools.tools.door import Door
from dive_tools.values import samples


@pytest.fixture(scope="module")
def door():
    return Door(builtin(["academia"]).tools)


def result(door, name, **arguments):
    outcome = door.call(name, arguments)
    assert "result" in outcome, outcome
    return outcome["result"]


def refused(door, name, **arguments):
    return door.call(name, arguments).get("error", {}).get("kind") == "refused"


def test_there_are_seeds_enough_and_all_are_distinct(door):
    for kind in SEEDS:
        values = [repr(v) for v in samples(kind)]
        assert len(values) == len(set(values)) >= 18, kind
    assert sum(len(samples(kind)) for kind in SEEDS) >= 250


def test_integers_agree_with_sympy():
    sympy = pytest.importorskip("sympy")
    for n in [*range(1, 400), *samples("positive_integer"), 10**12 - 11, 999983**2]:
        assert dict(integers.factorise(n)) == sympy.factorint(n)
        assert integers.is_prime(n) == sympy.isprime(n)
    for n in (1, 2, 12, 97, 5040, 600851475143):
        assert integers.euler_totient(n)["totient"] == sympy.totient(n)
        assert integers.divisor_functions(n) == {"count": sympy.divisor_count(n), "total": sympy.divisor_sigma(n)}


def test_polynomials_agree_with_sympy():
    sympy = pytest.importorskip("sympy")
    x = sympy.Symbol("x")
    for text in [*samples("polynomial"), "2x^4 - 3x + 1", "-x^2 + 7", "x^5 - x"]:
        known = sympy.Poly(sympy.sympify(re.sub(r"(\d)x", r"\1*x", text).replace("^", "**")), x)
        assert list(polynomials.read(text)) == known.all_coeffs()
        assert polynomials.write(list(polynomials.read(text))) == text
        assert polynomials.polynomial_discriminant(text)["discriminant"] == known.discriminant()
        assert (
            list(polynomials.read(polynomials.polynomial_derivative(text)["derivative"])) == known.diff().all_coeffs()
        )
        positive = sorted(r for r in sympy.roots(known, x) if r.is_integer and r > 0)
        assert polynomials.polynomial_integer_roots(text)["roots"] == positive


@pytest.mark.parametrize("text", ["x +", "x^^2", "x^2.5", "2y", "", "x^99"])
def test_what_is_no_polynomial_is_refused(door, text):
    assert refused(door, "polynomial_derivative", polynomial=text)


def test_experiments_agree_with_scipy(door):
    stats = pytest.importorskip("scipy.stats")
    for study in samples("experiment"):
        test = result(door, "experiment_welch_test", **study)
        known = stats.ttest_ind(study["treated"], study["control"], equal_var=False)
        assert test["t"] == pytest.approx(abs(known.statistic))
        assert test["degrees_of_freedom"] == pytest.approx(known.df)
        p = result(door, "t_two_sided_p_value", t=test["t"], degrees_of_freedom=test["degrees_of_freedom"])
        assert p["p_value"] == pytest.approx(known.pvalue)


def test_calibrations_and_surveys_agree_with_scipy(door):
    stats = pytest.importorskip("scipy.stats")
    for study in samples("calibration"):
        known = stats.linregress(study["concentrations"], study["signals"])
        assert result(door, "calibration_line", **study)["slope"] == pytest.approx(known.slope)
        r = result(door, "calibration_correlation", **study)["r"]
        assert r == pytest.approx(known.rvalue)
        p = result(door, "correlation_p_value", r=r, concentrations=study["concentrations"])
        assert p["p_value"] == pytest.approx(known.pvalue, rel=1e-6)
    for study in samples("survey"):
        found = result(door, "survey_chi_square", **study)
        table = [[study[k + "_for"], study[k] - study[k + "_for"]] for k in ("women", "men")]
        known = stats.chi2_contingency(table, correction=False)
        assert found["chi_square"] == pytest.approx(known.statistic)
        assert result(door, "chi_square_p_value", chi_square=found["chi_square"])["p_value"] == pytest.approx(
            known.pvalue
        )


def test_isbns_agree_with_isbnlib_and_stdnum(door):
    isbnlib = pytest.importorskip("isbnlib")
    stdnum = pytest.importorskip("stdnum.isbn")
    for isbn in samples("isbn"):
        assert stdnum.is_valid(isbn) and isbnlib.mask(isbn.replace("-", "")) == isbn
        assert result(door, "isbn10_form", isbn=isbn)["isbn10"] == isbnlib.to_isbn10(isbn)
        country = result(door, "isbn_agency", isbn=isbn)["country"]
        assert result(door, "country_isbn_prefixes", country=country)["prefixes"]
    assert refused(door, "isbn_agency", isbn="978-82-01-00000-0")  # wrong check digit
    assert books.split("9780262033848") == ["978", "0", "262", "03384", "8"]


def test_word_list_is_that_of_wordfreq():
    wordfreq = pytest.importorskip("wordfreq")
    for word in samples("english_word"):
        assert words.word_frequency(word)["zipf"] == wordfreq.zipf_frequency(word, "en", "small")
        others = words.word_anagrams(word)["words"]
        assert 3 <= len(others) <= 5 and all(word in words.word_anagrams(other)["words"] for other in others)


def test_particle_names_lead_back_to_themselves(door):
    for name in samples("particle"):
        data = result(door, "particle_data", particle=name)
        quarks = result(door, "valence_quarks", particle=name)["quarks"]
        assert data["name"] == name and all(result(door, "particle_data", particle=q)["charge"] for q in quarks)


def test_groups_without_variation_are_refused(door):
    assert refused(door, "experiment_welch_test", control=[3, 3], treated=[3, 3])
    assert inference.stdev([2.0, 4.0]) == pytest.approx(math.sqrt(2))
