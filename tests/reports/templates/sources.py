"""A template of a practice, as a file."""


def source(title: str = "CT of the chest", identifier: str = "our.chest", language: str = "en") -> str:
    return f"""<!DOCTYPE html>
<html lang="{language}">
<head>
<title>{title}</title>
<meta name="generator" content="Fovea">
<meta name="dcterms.identifier" content="{identifier}">
<meta name="dcterms.title" content="{title}">
<meta name="dcterms.language" content="{language}">
<meta name="dcterms.subject" content="CT">
</head>
<body>
<section id="clinical" data-section-name="Clinical information">
<p><label for="indication">Indication</label>
<textarea id="indication" data-fovea-fill="study.indication"></textarea></p>
</section>
<section id="findings" data-section-name="Findings">
<p><label for="lungs">Lungs</label> <input type="text" id="lungs" value="Clear."></p>
</section>
</body>
</html>
"""
