"""What OHIF says in English in every language on its list of studies, the page that people open first.

Where it says it, a patch looks for the text in `window.fovea.said`, which `configuration` fills in the reader's
language.
"""

from typing import Final

from apps.saying import say

# By the text: the code around it, the expression in that code which gives it, and how often that code is there.
SAID: Final[dict[str, tuple[str, str, int]]] = {
    say("Study List"): ("title: 'Study List',", "'Study List'", 1),
    say("Patient"): ("label: 'Patient',", "'Patient'", 1),
    say("Study Date"): ("label: 'Study Date',", "'Study Date'", 1),
    say("Modalities"): ("label: 'Modalities',", "'Modalities'", 1),
    say("Description"): ("label: 'Description',", "'Description'", 1),
    say("Accession"): ("label: 'Accession',", "'Accession'", 1),
    say("Instances"): ("label: 'Instances',", "'Instances'", 1),
    say("Start date"): ("placeholder: t('Start', 'Start'),", "t('Start', 'Start')", 1),
    say("End date"): ("placeholder: t('End', 'End'),", "t('End', 'End')", 1),
    say("Reset"): ('}, "Reset"));', '"Reset"', 1),
    say("View"): ("buttonText = 'View'", "'View'", 1),
    say("Upload"): (", t('Upload'))", "t('Upload')", 2),
    say("Upload files"): ("title: 'Upload files',", "'Upload files'", 2),
    say("Select a study"): ("patientName ?? 'Select a study'", "'Select a study'", 1),
    say("Launch workflow"): ('}, "Launch workflow")', '"Launch workflow"', 1),
    say("No Description"): ("|| 'No Description'", "'No Description'", 2),
    say("No Series"): (": 'No Series'", "'No Series'", 1),
}
