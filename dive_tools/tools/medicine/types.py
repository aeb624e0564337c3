"""Entity types of medicine and the made-up patients, drugs, tests and trials that questions start from."""

from __future__ import annotations

import datetime
import zlib
from collections.abc import Callable
from typing import Any

from dive_tools.values import entity, say_date, vignette


def _codes() -> list[str]:
    from dive_tools.tools.medicine.coding import sample_codes

    return sample_codes()


def _siblings(code: str) -> list[str]:
    from dive_tools.tools.medicine.coding import siblings

    return siblings(code)


def _blocks() -> list[str]:
    from dive_tools.tools.medicine.coding import sample_blocks

    return sample_blocks()


def _chapters() -> list[str]:
    from dive_tools.tools.medicine.coding import chapters

    return chapters()


def _hccs() -> list[str]:
    from dive_tools.tools.medicine.risk import sample_hccs

    return sample_hccs()


STAGES = ("G1", "G2", "G3a", "G3b", "G4", "G5")

CODE = entity("icd10cm_code", "code", intro="the ICD-10-CM code {}", samples=_codes, akin=_siblings)
BLOCK = entity("icd10cm_block", "block", intro="the ICD-10-CM block {}", samples=_blocks)
CHAPTER = entity("icd10cm_chapter", "chapter", intro="{} of ICD-10-CM", samples=_chapters)
HCC = entity("hcc", "category", "categories", intro="the CMS-HCC V28 category {}", samples=_hccs)
STAGE = entity("ckd_stage", "stage", intro="chronic kidney disease stage {}", samples=lambda: STAGES)

# --- vignettes -------------------------------------------------------------------------------------------------------


def _grid(count: int, name: str, **axes: Any) -> list[dict[str, Any]]:
    """Distinct combinations of round values, spread evenly by a checksum of axis and number."""
    rows = [
        {axis: values[zlib.crc32(f"{name} {axis} {i}".encode()) % len(values)] for axis, values in axes.items()}
        for i in range(count)
    ]
    return list({str(row): row for row in rows}.values())


def _steps(low: float, high: float, step: float) -> list[float]:
    """Round numbers from low to high, one decimal or two."""
    return [round(low + step * i, 2) for i in range(round((high - low) / step) + 1)]


def _of_age(age: int) -> str:
    """ "an 80" or "a 67", for "…-year-old"."""
    return f"{'an' if str(age)[0] == '8' or age in (11, 18) else 'a'} {age}"


SEX: Callable[[str], str] = {"female": "woman", "male": "man"}.__getitem__
ADULT = ("{age}-year-old {sex}", "a {sex}", "{age}-year-old patient", "a patient")
PERSON: dict[str, Callable[[Any], str]] = {"age": _of_age, "sex": SEX}
SEXES = ("female", "male")


def _height(sex: str, step: int) -> int:
    return (152 if sex == "female" else 165) + step


CREATININE = (0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.7, 1.8, 1.9, 2.1, 2.4, 2.8, 3.3, 3.9, 4.6, 5.7)


def _patients() -> list[dict[str, Any]]:
    rows = _grid(360, "patient", age=range(26, 89), sex=SEXES, step=range(24), bmi=range(20, 43), creatinine=CREATININE)
    made = []
    for row in rows:
        height = _height(row["sex"], row["step"])
        weight = round(row["bmi"] * (height / 100) ** 2)
        made.append(
            {
                "age": row["age"],
                "sex": row["sex"],
                "weight_kg": weight,
                "height_cm": height,
                "creatinine": row["creatinine"],
            }
        )
    return made


PATIENT = vignette(
    "patient",
    "the patient",
    ADULT,
    {
        "weight_kg": "weighs {weight_kg} kg",
        "height_cm": "is {height_cm} cm tall",
        "creatinine": "has a serum creatinine of {creatinine} mg/dL",
    },
    samples=_patients,
    says=PERSON,
)


def _adults() -> list[dict[str, Any]]:
    rows = _grid(300, "adult", height=range(150, 198), bmi=range(16, 46))
    return [{"height_cm": row["height"], "weight_kg": round(row["bmi"] * (row["height"] / 100) ** 2)} for row in rows]


ADULT_OF = vignette(
    "adult",
    "the adult",
    "an adult",
    {"weight_kg": "weighs {weight_kg} kg", "height_cm": "is {height_cm} cm tall"},
    samples=_adults,
)


def _liver_patients() -> list[dict[str, Any]]:
    return _grid(
        300,
        "liver",
        age=range(32, 76),
        sex=SEXES,
        bilirubin=(*_steps(0.8, 4.4, 0.3), *_steps(5, 30, 2.5)),
        albumin=_steps(2.0, 4.2, 0.1),
        inr=_steps(1.0, 3.4, 0.1),
        creatinine=_steps(0.7, 2.9, 0.1),
        sodium=range(124, 141),
        ast=range(35, 185, 5),
        alt=range(30, 150, 5),
        platelets=range(45, 215, 5),
        ascites=("no", "slight", "moderate"),
        encephalopathy=("no", "grade 1 to 2", "grade 3 to 4"),
    )


LIVER = vignette(
    "liver_patient",
    "the patient",
    tuple(f"{subject} with chronic liver disease has" for subject in ADULT),
    {
        "bilirubin": "a serum bilirubin of {bilirubin} mg/dL",
        "albumin": "a serum albumin of {albumin} g/dL",
        "inr": "an INR of {inr}",
        "creatinine": "a serum creatinine of {creatinine} mg/dL",
        "sodium": "a serum sodium of {sodium} mmol/L",
        "ast": "an AST of {ast} U/L",
        "alt": "an ALT of {alt} U/L",
        "platelets": "a platelet count of {platelets} × 10⁹/L",
        "ascites": "{ascites} ascites",
        "encephalopathy": "{encephalopathy} encephalopathy",
    },
    samples=_liver_patients,
    says=PERSON,
)


def _inpatients() -> list[dict[str, Any]]:
    rows = _grid(
        320,
        "inpatient",
        age=range(28, 86),
        sex=SEXES,
        step=range(22),
        bmi=range(20, 36),
        sodium=range(128, 159),
        bicarbonate=range(9, 23),
        gap=range(14, 31),
        glucose=range(160, 620, 20),
        bun=range(12, 72, 4),
        albumin=_steps(1.8, 3.8, 0.2),
        calcium=_steps(7.0, 9.8, 0.2),
        osmolal_gap=range(2, 36, 2),
    )
    made = []
    for row in rows:
        height = _height(row["sex"], row["step"])
        osmolality = round(2 * row["sodium"] + row["glucose"] / 18 + row["bun"] / 2.8) + row["osmolal_gap"]
        made.append(
            {
                "age": row["age"],
                "sex": row["sex"],
                "height_cm": height,
                "weight_kg": round(row["bmi"] * (height / 100) ** 2),
                "sodium": row["sodium"],
                "chloride": row["sodium"] - row["bicarbonate"] - row["gap"],
                "bicarbonate": row["bicarbonate"],
                "glucose": row["glucose"],
                "bun": row["bun"],
                "albumin": row["albumin"],
                "calcium": row["calcium"],
                "measured_osmolality": osmolality,
            }
        )
    return made


INPATIENT = vignette(
    "inpatient",
    "the patient",
    ("{age}-year-old {sex} in hospital has", "a {sex} in hospital has", "a patient in hospital has"),
    {
        "weight_kg": "a body weight of {weight_kg} kg",
        "height_cm": "a height of {height_cm} cm",
        "sodium": "a serum sodium of {sodium} mmol/L",
        "chloride": "a serum chloride of {chloride} mmol/L",
        "bicarbonate": "a serum bicarbonate of {bicarbonate} mmol/L",
        "glucose": "a serum glucose of {glucose} mg/dL",
        "bun": "a blood urea nitrogen of {bun} mg/dL",
        "albumin": "a serum albumin of {albumin} g/dL",
        "calcium": "a total serum calcium of {calcium} mg/dL",
        "measured_osmolality": "a measured serum osmolality of {measured_osmolality} mOsm/kg",
    },
    samples=_inpatients,
    says=PERSON,
)


def _cardiac_patients() -> list[dict[str, Any]]:
    return _grid(
        360,
        "cardiac",
        age=range(42, 89),
        sex=SEXES,
        systolic=range(104, 186, 2),
        diastolic=range(58, 100, 2),
        heart_rate=range(52, 116, 2),
        qt=range(320, 480, 10),
        total_cholesterol=range(160, 306, 5),
        hdl=range(32, 76, 2),
        triglycerides=range(80, 330, 10),
        stroke_volume=range(45, 96, 5),
        venous_pressure=range(3, 13),
        heart_failure=(True, False, False),
        hypertension=(True, True, False),
        diabetes=(True, False, False),
        stroke=(True, False, False),
        vascular_disease=(True, False, False),
    )


def _history(words: str) -> Callable[[bool], str]:
    return lambda yes: f"a history of {words}" if yes else f"no history of {words}"


CARDIAC = vignette(
    "cardiac_patient",
    "the patient",
    tuple(f"{subject} has" for subject in ADULT),
    {
        "systolic": "a systolic blood pressure of {systolic} mmHg",
        "diastolic": "a diastolic blood pressure of {diastolic} mmHg",
        "heart_rate": "a resting heart rate of {heart_rate} beats per minute",
        "qt": "a measured QT interval of {qt} ms",
        "stroke_volume": "a stroke volume of {stroke_volume} mL",
        "venous_pressure": "a central venous pressure of {venous_pressure} mmHg",
        "total_cholesterol": "a total cholesterol of {total_cholesterol} mg/dL",
        "hdl": "an HDL cholesterol of {hdl} mg/dL",
        "triglycerides": "triglycerides of {triglycerides} mg/dL",
        "heart_failure": "non-valvular atrial fibrillation, {heart_failure}",
        "hypertension": "{hypertension}",
        "diabetes": "{diabetes}",
        "stroke": "{stroke}",
        "vascular_disease": "{vascular_disease}",
    },
    samples=_cardiac_patients,
    says={
        **PERSON,
        "heart_failure": _history("heart failure"),
        "hypertension": _history("hypertension"),
        "diabetes": _history("diabetes"),
        "stroke": _history("stroke or transient ischaemic attack"),
        "vascular_disease": _history("vascular disease"),
    },
)


def _ventilated_patients() -> list[dict[str, Any]]:
    return _grid(
        300,
        "ventilated",
        age=range(24, 84),
        sex=SEXES,
        height_cm=range(156, 192),
        fio2=range(30, 85, 5),
        pao2=range(54, 112, 2),
        paco2=range(32, 60, 2),
        tidal_volume=range(340, 530, 10),
        peep=range(5, 16),
        plateau=range(21, 36),
        respiratory_rate=range(14, 31, 2),
        haemoglobin=_steps(7.5, 14.0, 0.5),
        saturation=range(86, 99),
        cardiac_output=_steps(3.6, 7.6, 0.2),
    )


VENTILATED = vignette(
    "ventilated_patient",
    "the patient",
    tuple(f"{subject} on a ventilator has" for subject in ADULT),
    {
        "height_cm": "a height of {height_cm} cm",
        "fio2": "an inspired oxygen fraction of {fio2} percent",
        "pao2": "an arterial oxygen tension of {pao2} mmHg",
        "paco2": "an arterial carbon dioxide tension of {paco2} mmHg",
        "tidal_volume": "a tidal volume of {tidal_volume} mL",
        "peep": "a positive end-expiratory pressure of {peep} cmH₂O",
        "plateau": "a plateau pressure of {plateau} cmH₂O",
        "respiratory_rate": "a respiratory rate of {respiratory_rate} breaths per minute",
        "haemoglobin": "a haemoglobin of {haemoglobin} g/dL",
        "saturation": "an arterial oxygen saturation of {saturation} percent",
        "cardiac_output": "a cardiac output of {cardiac_output} L/min",
    },
    samples=_ventilated_patients,
    says=PERSON,
)


def _trauma_patients() -> list[dict[str, Any]]:
    return _grid(
        300,
        "trauma",
        age=range(18, 80),
        eye=range(1, 5),
        verbal=range(1, 6),
        motor=range(2, 7),
        systolic=range(64, 152, 2),
        respiratory_rate=range(8, 36),
        first=(3, 4, 4, 5),
        second=(2, 3, 3),
        third=(1, 2),
    )


TRAUMA = vignette(
    "trauma_patient",
    "the patient",
    ("{age}-year-old trauma patient has", "a trauma patient has"),
    {
        "eye": "an eye-opening response of {eye}",
        "verbal": "a verbal response of {verbal}",
        "motor": "a motor response of {motor} on the Glasgow Coma Scale",
        "systolic": "a systolic blood pressure of {systolic} mmHg",
        "respiratory_rate": "a respiratory rate of {respiratory_rate} breaths per minute",
        "first": "a worst regional Abbreviated Injury Scale severity of {first}",
        "second": "a second-worst regional severity of {second}",
        "third": "a third-worst regional severity of {third}",
    },
    samples=_trauma_patients,
    says={"age": _of_age},
)


def _burn_patients() -> list[dict[str, Any]]:
    rows = _grid(
        240, "burn", age=range(19, 80), weight_kg=range(52, 106), burned=range(15, 66), share=(0.1, 0.2, 0.3, 0.4, 0.5)
    )
    return [
        {
            "age": row["age"],
            "weight_kg": row["weight_kg"],
            "burned": row["burned"],
            "third_degree": max(2, round(row["burned"] * row["share"])),
        }
        for row in rows
    ]


BURN = vignette(
    "burn_patient",
    "the patient",
    ("{age}-year-old burn patient", "a burn patient"),
    {
        "weight_kg": "weighs {weight_kg} kg",
        "burned": "has burns of {burned} percent of the body surface",
        "third_degree": "has third-degree burns of {third_degree} percent of the body surface",
    },
    samples=_burn_patients,
    says={"age": _of_age},
)


def _children() -> list[dict[str, Any]]:
    rows = _grid(
        260,
        "child",
        age=range(2, 13),
        extra=range(-2, 5),
        tall=range(-6, 8),
        creatinine=(0.3, 0.4, 0.5, 0.55, 0.65, 0.7, 0.8, 0.9, 1.1, 1.2, 1.4, 1.6, 1.9, 2.2, 2.7, 3.4, 4.2, 5.1),
        dehydration=range(4, 11),
    )
    return [
        {
            "age": row["age"],
            "weight_kg": 2 * row["age"] + 8 + row["extra"],
            "height_cm": 6 * row["age"] + 77 + row["tall"],
            "creatinine": row["creatinine"],
            "dehydration": row["dehydration"],
        }
        for row in rows
    ]


CHILD = vignette(
    "child",
    "the child",
    ("{age}-year-old child", "a child"),
    {
        "weight_kg": "weighs {weight_kg} kg",
        "height_cm": "is {height_cm} cm tall",
        "creatinine": "has a serum creatinine of {creatinine} mg/dL",
        "dehydration": "is {dehydration} percent dehydrated",
    },
    samples=_children,
    says={"age": _of_age},
)


def _pregnant_women() -> list[dict[str, Any]]:
    made = []
    for row in _grid(300, "pregnancy", start=range(0, 700, 1), days=range(60, 280), cycle=range(24, 36)):
        period = datetime.date(2026, 1, 5) + datetime.timedelta(days=row["start"])
        seen = period + datetime.timedelta(days=row["days"])
        made.append({"last_period": str(period), "seen_on": str(seen), "cycle": row["cycle"]})
    return made


PREGNANT = vignette(
    "pregnant_woman",
    "the woman",
    "a pregnant woman",
    {
        "last_period": "began her last menstrual period on {last_period}",
        "cycle": "has menstrual cycles of {cycle} days",
        "seen_on": "is seen on {seen_on}",
    },
    samples=_pregnant_women,
    says={"last_period": say_date, "seen_on": say_date},
)


def _drugs() -> list[dict[str, Any]]:
    return _grid(
        320,
        "drug",
        dose_mg=(100, 150, 200, 250, 300, 400, 500, 750, 1000),
        volume=range(12, 75, 3),
        clearance=_steps(1.5, 9.5, 0.5),
        interval=(6, 8, 12, 24),
        bioavailability=range(40, 105, 5),
        unbound=range(10, 95, 5),
    )


DRUG = vignette(
    "drug",
    "the drug",
    "a drug with one-compartment kinetics",
    {
        "dose_mg": "is given in doses of {dose_mg} mg",
        "interval": "is dosed every {interval} hours",
        "volume": "has a volume of distribution of {volume} L",
        "clearance": "has a clearance of {clearance} L/h",
        "bioavailability": "has an oral bioavailability of {bioavailability} percent",
        "unbound": "is {unbound} percent unbound in plasma",
    },
    samples=_drugs,
)


def _tests() -> list[dict[str, Any]]:
    rows = _grid(320, "test", ill=range(60, 260, 10), well=range(120, 620, 20), hit=range(70, 97), right=range(74, 97))
    made = []
    for row in rows:
        found = round(row["ill"] * row["hit"] / 100)
        cleared = round(row["well"] * row["right"] / 100)
        made.append(
            {
                "true_positives": found,
                "false_negatives": row["ill"] - found,
                "true_negatives": cleared,
                "false_positives": row["well"] - cleared,
            }
        )
    return made


TEST = vignette(
    "diagnostic_test",
    "the test",
    (
        "in a validation study, a diagnostic test gave {true_positives} true positives, {false_negatives} false "
        "negatives, {true_negatives} true negatives and {false_positives} false positives",
        "in a validation study, a diagnostic test gave {true_positives} true positives and {false_negatives} false "
        "negatives",
        "in a validation study, a diagnostic test gave {true_negatives} true negatives and {false_positives} false "
        "positives",
    ),
    {"true_positives": "", "false_negatives": "", "true_negatives": "", "false_positives": ""},
    samples=_tests,
)


def _trials() -> list[dict[str, Any]]:
    rows = _grid(
        320, "trial", treated=range(180, 900, 5), drop=range(-6, 7), risk=range(10, 36), effect=range(50, 86, 2)
    )
    made = []
    for row in rows:
        control = row["treated"] + row["drop"]
        made.append(
            {
                "treated": row["treated"],
                "treated_events": round(row["treated"] * row["risk"] * row["effect"] / 1e4),
                "control": control,
                "control_events": round(control * row["risk"] / 100),
            }
        )
    return made


TRIAL = vignette(
    "trial",
    "the trial",
    (
        "in a trial, {treated_events} of {treated} patients given the drug and {control_events} of {control} patients "
        "given placebo had the event",
        "in a trial, {treated_events} of {treated} patients given the drug had the event",
        "in a trial, {control_events} of {control} patients given placebo had the event",
    ),
    {"treated": "", "treated_events": "", "control": "", "control_events": ""},
    samples=_trials,
)
