"""Cases about text: letters of many scripts, wildcards, backslashes, patterns, and hostile names of attributes."""

from tests.conformance.case import Case, cases, f, not_, person, some, values

TEXT = {"x": "text"}
_GERMAN = values("x", sharp="Straße", upper="STRAẞE", double="STRASSE", small="strasse")
_TURKISH = values("x", dotted="İzmir", plain="izmir", ascii="IZMIR", dotless="ızmır", combined="i\u0307zmir")
_GREEK = values("x", upper="ΟΔΟΣ", final="οδος", medial="οδοσ", mixed="Οδος")
_ACCENTS = values("x", nfc="Zo\u00e9", nfd="Zoe\u0301", upper="ZOE\u0301", bare="Zoe", caron="J\u030c", kelvin="\u212a")
_WILD = values("x", percent="100%", under="a_b", back="a\\b", letters="axb", digits="1000", none=...)
TEXTS = [
    *cases(
        "German sharp s",
        TEXT,
        _GERMAN,
        ("ß is ẞ and not ss", f("x", "is", "straße"), "sharp upper", 'x is "straße"'),
        ("ss is not ß", f("x", "is", "Strasse"), "double small", 'x is "Strasse"'),
        ("is not", f("x", "is_not", "STRAẞE"), "double small", 'x is not "STRAẞE"'),
        ("contains", f("x", "contains", "ẞ"), "sharp upper", 'x contains "ẞ"'),
    ),
    *cases(
        "Turkish i",
        TEXT,
        _TURKISH,
        ("İ lowers to i with a dot above", f("x", "is", "İZMiR"), "dotted combined"),
        ("I lowers to i in every language", f("x", "is", "Izmir"), "plain ascii", 'x is "Izmir"'),
        ("dotless ı stays", f("x", "contains", "ı"), "dotless", 'x contains "ı"'),
        ("starts with i", f("x", "starts_with", "i"), "dotted plain ascii combined", 'x starts with "i"'),
    ),
    *cases(
        "Greek sigma",
        TEXT,
        _GREEK,
        ("a capital at the end is a final sigma", f("x", "is", "ΟΔΟΣ"), "upper final mixed", 'x is "ΟΔΟΣ"'),
        ("a medial sigma is another letter", f("x", "is", "οδοσ"), "medial", 'x is "οδοσ"'),
    ),
    *cases(
        "NFC/NFD",
        TEXT,
        _ACCENTS,
        ("composed", f("x", "is", "zo\u00e9"), "nfc nfd upper"),
        ("decomposed", f("x", "is", "zoe\u0301"), "nfc nfd upper"),
        ("the bare letter is another", f("x", "is", "zoe"), "bare", 'x is "zoe"'),
        ("and not a prefix", f("x", "starts_with", "zoe"), "bare", 'x starts with "zoe"'),
        ("composed only in lower case", f("x", "is", "\u01f0"), "caron"),
        ("the Kelvin sign is a k", f("x", "is", "k"), "kelvin", 'x is "k"'),
    ),
    *cases(
        "LIKE wildcards",
        TEXT,
        _WILD,
        ("contains %", f("x", "contains", "%"), "percent", 'x contains "%"'),
        ("contains _", f("x", "contains", "_"), "under", 'x contains "_"'),
        ("contains a backslash", f("x", "contains", "\\"), "back", 'x contains "\\\\"'),
        ("a_b is no pattern", f("x", "is", "a_b"), "under", 'x is "a_b"'),
        ("starts with 1%", f("x", "starts_with", "1%"), "", 'x starts with "1%"'),
        ("ends with _b", f("x", "ends_with", "_b"), "under", 'x ends with "_b"'),
        ("does not contain", f("x", "does_not_contain", "_"), "percent back letters digits none"),
    ),
    *cases(
        "values ending in a backslash",
        TEXT,
        values("x", one="C:\\", two="C:\\\\", quote='C:\\"', none=...),
        ("is", f("x", "is", "c:\\"), "one", 'x is "c:\\\\"'),
        ("ends with", f("x", "ends_with", "\\"), "one two", 'x ends with "\\\\"'),
        ("ends with two", f("x", "ends_with", "\\\\"), "two", 'x ends with "\\\\\\\\"'),
        ("ends with a quote", f("x", "ends_with", '\\"'), "quote", 'x ends with "\\\\\\""'),
        ("is none of", f("x", "is_none_of", ["c:\\", "c:\\\\"]), "quote none"),
        ("matches", f("x", "matches", r"\\$"), "one two", 'x matches "\\\\\\\\$"'),
    ),
    *cases(
        "values ending in a backslash",
        {},
        values("tags", one=["a\\"], two=["a"], three=["a\\\\", "b'"]),
        ("a tag", f("tags", "has_any_of", ["A\\"]), "one", 'tags has any of ("A\\\\")'),
    ),
    *cases(
        "matches",
        TEXT,
        values("x", upper="Anna", two="ann\nbob", umlaut="ÄRGER", none=..., brace="{x}"),
        ("ignores case", f("x", "matches", "^ANN"), "upper two", 'x matches "^ANN"'),
        ("finds anywhere", f("x", "matches", "n+"), "upper two", 'x matches "n+"'),
        ("a dot is no line break", f("x", "matches", "ann.bob"), "", 'x matches "ann.bob"'),
        ("$ is the end of the value", f("x", "matches", "ann$"), "", 'x matches "ann$"'),
        ("beyond ASCII", f("x", "matches", "^Ärg"), "umlaut", 'x matches "^Ärg"'),
        ("a placeholder is text", f("x", "contains", "{x}"), "brace", 'x contains "{x}"'),
    ),
    *[
        case
        for pattern in ("(", "[a", "a**b", "(?=a)", r"(a)\1", "(?P<n>a", "*", "a{2,1}", "\\")
        for case in cases(
            "an invalid regex",
            TEXT,
            values("x", ann="(a", none=...),
            (pattern, f("x", "matches", pattern), ""),
            broken=True,
        )
    ],
    *cases(
        "an invalid regex",
        TEXT,
        values("x", ann="Berlin", bob="Paris", none=...),
        ("under not", not_(f("x", "matches", "(")), ""),
        ("beside a good condition", some(f("x", "is", "Paris"), f("x", "does_not_match", "(")), ""),
        broken=True,
    ),
    *cases(
        "email and phone",
        {},
        {
            "ann": person({"email": "Ann@Example.com", "phone": "+4915112345678"}),
            "bob": person({"email": "bob@sub.example.com", "phone": "+12125550123"}),
            "cem": person({"phone": "+14165550123"}),
            "dee": person({"email": "example.com@evil.org"}),
        },
        ("domain is exact", f("email", "domain_is", "EXAMPLE.com"), "ann", 'email domain is "EXAMPLE.com"'),
        ("Germany", f("phone", "country_is", "DE"), "ann", 'phone country is "DE"'),
        ("one calling code, two countries", f("phone", "country_is", "US"), "bob", 'phone country is "US"'),
        ("the other", f("phone", "country_is", "CA"), "cem", 'phone country is "CA"'),
        ("by calling code", f("phone", "country_is", "+1"), "bob cem", 'phone country is "+1"'),
        ("by name", f("phone", "country_is", "germany"), "ann", 'phone country is "germany"'),
        ("country is not", f("phone", "country_is_not", "DE"), "bob cem dee", 'phone country is not "DE"'),
        ("domain is not", f("email", "domain_is_not", "example.com"), "bob cem dee"),
    ),
]

HOSTILE = (
    "a.b",
    "a b",
    "$x",
    '"',
    "`",
    "'",
    "\\",
    "a\\",
    "x" * 200,
    "ключ 🙂",
    "not",
    "and",
    "count of",
    "{x}",
    "%s",
    "?",
    "a:b",
    "a--",
)
NAMES = [
    case
    for name in HOSTILE
    for case in cases(
        "attribute names",
        {name: "text", "other": "text", "a": "text", "b": "text"},
        {
            "ann": person({name: "yes"}),
            "bob": person({name: "no", "a": "yes", "b": "yes"}),
            "cem": person({"other": "yes", "a": "yes"}),
        },
        (f"{name[:9]} is", f(name, "is", "yes"), "ann"),
        (f"{name[:9]} is not", f(name, "is_not", "yes"), "bob cem"),
        (f"{name[:9]} is unknown", f(name, "is_unknown"), "cem"),
    )
] + cases(
    "attribute names",
    {"a": "text", "ab": "text", "x" * 200: "text"},
    {"nul": person({"a\0b": "yes"}), "long": person({"x" * 201: "yes"}), "ann": person({"a": "yes"})},
    ("a name with NUL reaches no other attribute", some(f("a", "is", "yes"), f("ab", "is", "yes")), "ann"),
    ("201 characters are not cut to 200", f("x" * 200, "is_known"), ""),
)

CASES: list[Case] = [*TEXTS, *NAMES]
