"""Medicine: ICD-10-CM and CMS-HCC look-ups, clinical equations on made-up patients, drugs, tests and trials."""

SEEDS = (
    "icd10cm_code",
    "icd10cm_block",
    "hcc",
    "patient",
    "liver_patient",
    "inpatient",
    "cardiac_patient",
    "ventilated_patient",
    "trauma_patient",
    "burn_patient",
    "child",
    "pregnant_woman",
    "drug",
    "diagnostic_test",
    "trial",
)
