"""What the examples of the academia tools cannot show: cross-checks with second libraries, seeds, refusals."""

import math
import re
from itertools import pairwise

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
    for n in [*range(1, 400), *samples("positive_integer")[::4], 10**12 - 11, 999983**2]:
        assert dict(integers.factorise(n)) == sympy.factorint(n)
        assert integers.is_prime(n) == sympy.isprime(n)
    for n in (1, 2, 12, 97, 5040, 600851475143):
        assert integers.euler_totient(n)["totient"] == sympy.totient(n)
        assert integers.divisor_functions(n) == {"count": sympy.divisor_count(n), "total": sympy.divisor_sigma(n)}


def test_polynomials_agree_with_sympy():
    sympy = pytest.importorskip("sympy")
    x = sympy.Symbol("x")
    for text in [*samples("polynomial")[::6], "2x^4 - 3x + 1", "-x^2 + 7", "x^5 - x"]:
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
    for study in samples("experiment")[::8]:
        test = result(door, "experiment_welch_test", **study)
        known = stats.ttest_ind(study["treated"], study["control"], equal_var=False)
        assert test["t"] == pytest.approx(abs(known.statistic))
        assert test["degrees_of_freedom"] == pytest.approx(known.df)
        p = result(door, "t_two_sided_p_value", t=test["t"], degrees_of_freedom=test["degrees_of_freedom"])
        assert p["p_value"] == pytest.approx(known.pvalue)


def test_calibrations_and_surveys_agree_with_scipy(door):
    stats = pytest.importorskip("scipy.stats")
    for study in samples("calibration")[::6]:
        known = stats.linregress(study["concentrations"], study["signals"])
        assert result(door, "calibration_line", **study)["slope"] == pytest.approx(known.slope)
        r = result(door, "calibration_correlation", **study)["r"]
        assert r == pytest.approx(known.rvalue)
        p = result(door, "correlation_p_value", r=r, concentrations=study["concentrations"])
        assert p["p_value"] == pytest.approx(known.pvalue, rel=1e-6)
    for study in samples("survey")[::8]:
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
    for isbn in samples("isbn")[::3]:
        assert stdnum.is_valid(isbn) and isbnlib.mask(isbn.replace("-", "")) == isbn
        country = result(door, "isbn_agency", isbn=isbn)["country"]
        assert result(door, "country_isbn_prefixes", country=country)["prefixes"]
    assert refused(door, "isbn_agency", isbn="978-82-01-00000-0")  # wrong check digit
    assert books.split("9780262033848") == ["978", "0", "262", "03384", "8"]


def test_word_list_is_that_of_wordfreq():
    wordfreq = pytest.importorskip("wordfreq")
    for word in samples("english_word"):
        assert words.word_frequency(word)["zipf"] == wordfreq.zipf_frequency(word, "en", "small")
        others = words.word_anagrams(word)["words"]
        assert all(word in words.word_anagrams(other)["words"] for other in others)


def test_hadrons_of_the_same_quarks_go_both_ways(door):
    for name in samples("particle")[::5]:
        for other in result(door, "hadrons_of_same_quarks", particle=name)["particles"]:
            assert name in result(door, "hadrons_of_same_quarks", particle=other)["particles"]
            assert result(door, "hadron_flavour", particle=other) == result(door, "hadron_flavour", particle=name)


def test_flavour_agrees_with_the_particle_library(door):
    from particle import Particle

    for name in ("K+", "K-", "D0", "D(s)+", "B0", "B(s)0", "Omega-", "Lambda(c)+", "Lambda~", "Xi(b)-"):
        known = Particle.from_name(name)
        found = result(door, "hadron_flavour", particle=name)
        assert found["strangeness"] == known.strangeness and found["charm"] == known.charmness
        assert found["bottomness"] == known.bottomness and found["baryon_number"] == known.baryon_number


def test_the_sky_holds_together(door):
    ephem = pytest.importorskip("ephem")
    homes = {name: result(door, "sky_object_record", sky_object=name) for name in samples("sky_object")[::10]}
    for name, row in homes.items():
        place = tuple(math.radians(row["position"][k]) for k in ("right_ascension", "declination"))
        assert ephem.constellation(place)[1].startswith(row["constellation"].replace("ö", "o")), name
    listed = [o for c in samples("constellation") for o in result(door, "messier_objects", constellation=c)["objects"]]
    assert len(listed) == len(set(listed)) == 106  # all but the cloud M24, the stars M40 and M73, and M102
    stars = [s for c in samples("constellation") for s in result(door, "constellation_stars", constellation=c)["stars"]]
    assert sorted(stars) == sorted(samples("star")) and len(set(samples("constellation"))) == 88
    for kind in ("globular cluster", "planetary nebula"):
        for name in result(door, "sky_objects_of_kind", constellation="Sgr", kind=kind)["objects"]:
            row = result(door, "sky_object_record", sky_object=name)
            assert (row["kind"], row["constellation"]) == (kind, "Sagittarius")


def test_separations_agree_with_pyephem(door):
    ephem = pytest.importorskip("ephem")
    names = samples("star")[::9]
    for one, other in pairwise(names):
        a, b = (result(door, "star_record", star=name)["position"] for name in (one, other))
        found = result(door, "sky_separation", first=a, second=b)["separation"]
        known = ephem.separation(*[[math.radians(v) for v in p.values()] for p in (a, b)])
        assert found == pytest.approx(math.degrees(known), rel=1e-9)


def test_particle_names_lead_back_to_themselves(door):
    for name in samples("particle"):
        data = result(door, "particle_data", particle=name)
        quarks = result(door, "valence_quarks", particle=name)["quarks"]
        assert data["name"] == name and all(result(door, "particle_data", particle=q)["charge"] for q in quarks)


def test_groups_without_variation_are_refused(door):
    assert refused(door, "experiment_welch_test", control=[3, 3], treated=[3, 3])
    assert inference.stdev([2.0, 4.0]) == pytest.approx(math.sqrt(2))
