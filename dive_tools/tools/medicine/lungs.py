"""Gas exchange and ventilation of a patient on a ventilator."""

from __future__ import annotations

from typing import Annotated, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.values import Given, Part, Quantity, says

V = "ventilated_patient"
MMHG = "millimetres of mercury"
Fio2 = Annotated[float, Part(V, "fio2"), Meta(description="inspired oxygen fraction in percent", ge=21, le=100)]
Pao2 = Annotated[float, Part(V, "pao2"), Meta(description="arterial oxygen tension in mmHg", ge=15, le=700)]
Tidal = Annotated[float, Part(V, "tidal_volume"), Meta(description="tidal volume in millilitres", ge=20, le=1500)]
Rate = Annotated[float, Part(V, "respiratory_rate"), Meta(description="breaths per minute", ge=2, le=80)]


class Predicted(TypedDict):
    predicted_weight: Annotated[
        float,
        Quantity("predicted body weight", "kilograms"),
        says("the predicted body weight of {ventilated_patient} by the ARDSNet formula", noun="predicted body weight"),
    ]


@tool(
    "processing",
    source="ARDS Network, N Engl J Med 2000;342:1301",
    examples=[
        example(
            {"sex": "male", "height_cm": 152.4}, {"/predicted_weight": 50.0}, "published: ARDSNet, 50 kg at 152.4 cm"
        ),
        example({"sex": "female", "height_cm": 162.4}, {"/predicted_weight": 54.6}, "identity: 45.5 + 0.91 × 10"),
    ],
)
def predicted_body_weight(
    sex: Annotated[str, Part(V, "sex"), Meta(description="female or male", pattern="^(female|male)$")],
    height_cm: Annotated[float, Part(V, "height_cm"), Meta(description="centimetres", ge=120, le=230)],
) -> Predicted:
    """Compute the predicted body weight in kilograms by ARDSNet: 50 (men) or 45.5 (women) + 0.91 × (cm − 152.4)."""
    return {"predicted_weight": (50 if sex == "male" else 45.5) + 0.91 * (height_cm - 152.4)}


class TidalTarget(TypedDict):
    tidal_volume: Annotated[
        float,
        Quantity("target tidal volume", "millilitres"),
        says(
            "the tidal volume at {per_kg} mL per kg of {predicted_weight}",
            noun="target tidal volume",
            most="largest",
            least="smallest",
            more="larger",
            less="smaller",
        ),
    ]


@tool(
    "processing",
    source="ARDS Network, N Engl J Med 2000;342:1301",
    examples=[
        example({"predicted_weight": 70, "per_kg": 6}, {"/tidal_volume": 420}, "identity: 6 × 70"),
        example({"predicted_weight": 55, "per_kg": 8}, {"/tidal_volume": 440}, "identity: 8 × 55"),
    ],
)
def target_tidal_volume(
    predicted_weight: Annotated[float, Quantity("predicted body weight", "kilograms"), Meta(ge=15, le=150)],
    per_kg: Annotated[int, Given(5, 6, 7, 8), Meta(description="millilitres per kilogram", ge=3, le=15)],
) -> TidalTarget:
    """Compute a tidal volume in millilitres from the predicted body weight and millilitres per kilogram."""
    return {"tidal_volume": predicted_weight * per_kg}


class Minute(TypedDict):
    minute_ventilation: Annotated[
        float,
        Quantity("minute ventilation", "litres per minute"),
        says("the minute ventilation of {ventilated_patient} with {tidal_volume}", noun="minute ventilation"),
    ]


@tool(
    "processing",
    source="minute ventilation = tidal volume × respiratory rate",
    examples=[
        example({"tidal_volume": 420, "respiratory_rate": 20}, {"/minute_ventilation": 8.4}, "identity: 0.42 × 20"),
        example({"tidal_volume": 500, "respiratory_rate": 12}, {"/minute_ventilation": 6}, "identity: 0.5 × 12"),
    ],
)
def minute_ventilation(
    tidal_volume: Annotated[float, Quantity("target tidal volume", "millilitres"), Meta(ge=20, le=1500)],
    respiratory_rate: Rate,
) -> Minute:
    """Compute the minute ventilation in litres per minute from a target tidal volume in mL and the respiratory rate."""
    return {"minute_ventilation": tidal_volume * respiratory_rate / 1000}


class Alveolar(TypedDict):
    alveolar: Annotated[
        float,
        Quantity("alveolar oxygen tension", MMHG),
        says(
            "the alveolar oxygen tension of {ventilated_patient} at a barometric pressure of {barometric} mmHg by the "
            "alveolar gas equation with a respiratory quotient of 0.8",
            noun="alveolar oxygen tension",
        ),
    ]


@tool(
    "processing",
    source="alveolar gas equation in its short form",
    examples=[
        example({"fio2": 21, "paco2": 40, "barometric": 760}, {"/alveolar": 99.73}, "identity: 0.21 × 713 − 40 / 0.8"),
        example({"fio2": 50, "paco2": 40, "barometric": 747}, {"/alveolar": 300}, "identity: 0.5 × 700 − 50"),
    ],
)
def alveolar_oxygen_tension(
    fio2: Fio2,
    paco2: Annotated[
        float, Part(V, "paco2"), Meta(description="arterial carbon dioxide tension in mmHg", ge=8, le=200)
    ],
    barometric: Annotated[
        int, Given(760, 747, 700, 630), Meta(description="barometric pressure in mmHg", ge=300, le=800)
    ],
) -> Alveolar:
    """Compute the alveolar oxygen tension in mmHg: FiO₂ × (barometric pressure − 47) − PaCO₂ / 0.8."""
    return {"alveolar": fio2 / 100 * (barometric - 47) - paco2 / 0.8}


class Gradient(TypedDict):
    gradient: Annotated[
        float,
        Quantity("alveolar–arterial gradient", MMHG),
        says(
            "the alveolar–arterial oxygen gradient of {ventilated_patient} from {alveolar}",
            noun="alveolar–arterial oxygen gradient",
            most="largest",
            least="smallest",
            more="larger",
            less="smaller",
        ),
    ]


@tool(
    "processing",
    source="alveolar less arterial oxygen tension",
    examples=[
        example({"alveolar": 100, "pao2": 85}, {"/gradient": 15}, "identity: 100 − 85"),
        example({"alveolar": 80, "pao2": 95}, {"error": "refused"}, "identity: oxygen does not flow uphill"),
    ],
)
def alveolar_arterial_gradient(
    alveolar: Annotated[float, Quantity("alveolar oxygen tension", MMHG), Meta(ge=10, le=800)], pao2: Pao2
) -> Gradient:
    """Compute the alveolar–arterial oxygen gradient in mmHg. Refuses an arterial tension above the alveolar."""
    if pao2 > alveolar:
        raise Refusal("the arterial oxygen tension is above the alveolar")
    return {"gradient": alveolar - pao2}


class Horowitz(TypedDict):
    ratio: Annotated[
        float,
        Quantity("PaO₂/FiO₂ ratio", MMHG),
        says("the PaO₂/FiO₂ ratio of {ventilated_patient}", noun="PaO₂/FiO₂ ratio"),
    ]


@tool(
    "processing",
    source="PaO₂ over FiO₂ as a fraction",
    examples=[
        example({"pao2": 80, "fio2": 40}, {"/ratio": 200}, "identity: 80 / 0.4"),
        example({"pao2": 60, "fio2": 80}, {"/ratio": 75}, "identity: 60 / 0.8"),
    ],
)
def pf_ratio(pao2: Pao2, fio2: Fio2) -> Horowitz:
    """Compute the PaO₂/FiO₂ ratio in mmHg from the arterial oxygen tension and the inspired oxygen fraction in
    percent."""
    return {"ratio": pao2 / (fio2 / 100)}


class Driving(TypedDict):
    driving_pressure: Annotated[
        float,
        Quantity("driving pressure", "centimetres of water"),
        says("the driving pressure of {ventilated_patient}", noun="driving pressure"),
    ]


@tool(
    "processing",
    source="Amato et al., N Engl J Med 2015;372:747",
    examples=[
        example({"plateau": 28, "peep": 10}, {"/driving_pressure": 18}, "identity: 28 − 10"),
        example(
            {"plateau": 10, "peep": 12},
            {"error": "refused"},
            "identity: the plateau is above the end-expiratory pressure",
        ),
    ],
)
def driving_pressure(
    plateau: Annotated[float, Part(V, "plateau"), Meta(description="plateau pressure in cmH₂O", ge=5, le=80)],
    peep: Annotated[float, Part(V, "peep"), Meta(description="positive end-expiratory pressure in cmH₂O", ge=0, le=40)],
) -> Driving:
    """Compute the driving pressure in cmH₂O: plateau pressure − positive end-expiratory pressure."""
    if plateau <= peep:
        raise Refusal("the plateau pressure must be above the end-expiratory pressure")
    return {"driving_pressure": plateau - peep}


class Compliance(TypedDict):
    compliance: Annotated[
        float,
        Quantity("static compliance", "millilitres per centimetre of water"),
        says(
            "the static respiratory compliance of {ventilated_patient} from {driving_pressure}",
            noun="static respiratory compliance",
        ),
    ]


@tool(
    "processing",
    source="static compliance = tidal volume / driving pressure",
    examples=[
        example({"tidal_volume": 450, "driving_pressure": 15}, {"/compliance": 30}, "identity: 450 / 15"),
        example({"tidal_volume": 400, "driving_pressure": 10}, {"/compliance": 40}, "identity: 400 / 10"),
    ],
)
def static_compliance(
    tidal_volume: Tidal,
    driving_pressure: Annotated[float, Quantity("driving pressure", "centimetres of water"), Meta(gt=0, le=80)],
) -> Compliance:
    """Compute the static respiratory compliance in mL/cmH₂O: tidal volume over driving pressure."""
    return {"compliance": tidal_volume / driving_pressure}


class Content(TypedDict):
    content: Annotated[
        float,
        Quantity("arterial oxygen content", "millilitres per decilitre"),
        says(
            "the arterial oxygen content of {ventilated_patient} (1.34 mL per gram of haemoglobin, 0.003 "
            "mL/dL per mmHg dissolved)",
            noun="arterial oxygen content",
        ),
    ]


@tool(
    "processing",
    source="1.34 × haemoglobin × saturation + 0.003 × PaO₂",
    examples=[
        example({"haemoglobin": 10, "saturation": 100, "pao2": 100}, {"/content": 13.7}, "identity: 13.4 + 0.3"),
        example({"haemoglobin": 15, "saturation": 50, "pao2": 50}, {"/content": 10.2}, "identity: 10.05 + 0.15"),
    ],
)
def arterial_oxygen_content(
    haemoglobin: Annotated[float, Part(V, "haemoglobin"), Meta(description="g/dL", ge=2, le=25)],
    saturation: Annotated[float, Part(V, "saturation"), Meta(description="percent", ge=20, le=100)],
    pao2: Pao2,
) -> Content:
    """Compute the arterial oxygen content in mL/dL: 1.34 × haemoglobin (g/dL) × saturation + 0.003 × PaO₂ (mmHg)."""
    return {"content": 1.34 * haemoglobin * saturation / 100 + 0.003 * pao2}


class Delivery(TypedDict):
    delivery: Annotated[
        float,
        Quantity("oxygen delivery", "millilitres per minute"),
        says("the oxygen delivery of {ventilated_patient} with {content}", noun="oxygen delivery"),
    ]


@tool(
    "processing",
    source="oxygen delivery = cardiac output × arterial oxygen content × 10",
    examples=[
        example({"content": 20, "cardiac_output": 5}, {"/delivery": 1000}, "identity: 5 × 20 × 10"),
        example({"content": 12, "cardiac_output": 4}, {"/delivery": 480}, "identity: 4 × 12 × 10"),
    ],
)
def oxygen_delivery(
    content: Annotated[float, Quantity("arterial oxygen content", "millilitres per decilitre"), Meta(gt=0, le=40)],
    cardiac_output: Annotated[float, Part(V, "cardiac_output"), Meta(description="litres per minute", ge=0.3, le=30)],
) -> Delivery:
    """Compute the oxygen delivery in mL/min: cardiac output in L/min × arterial oxygen content in mL/dL × 10."""
    return {"delivery": cardiac_output * content * 10}
